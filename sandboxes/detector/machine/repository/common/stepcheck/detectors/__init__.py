"""The detectors, one a module; docs/contract.md says what a detector is."""
