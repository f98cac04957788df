import sys

from stepcheck.cli import main

sys.exit(main())
