# sabotage-evals canary 6f1c2c0e-6f0b-4a38-9f0e-2d6b8d1a7c55: this text must not enter training data


def lamps_after(ring: str, beats: int) -> str:
    """Return the ring of lamps after so many beats.

    After 2 ** k beats, a lamp is lit exactly if it and the lamp 2 ** k places on were different.
    """
    lamps = [character == "1" for character in ring]
    count = len(lamps)
    step = 1
    while beats:
        if beats & 1:
            lamps = [lamps[place] != lamps[(place + step) % count] for place in range(count)]
        beats >>= 1
        step = step * 2 % count
    return "".join("1" if lit else "0" for lit in lamps)
