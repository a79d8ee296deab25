"""The real program; after each batch it says on stderr how much memory it had at its peak: `python peak.py run`."""

import resource
import sys
from typing import Any

from vamaild import round

take = round._take


def said(*arguments: Any) -> Any:
    done = take(*arguments)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}", file=sys.stderr)
    return done


if __name__ == "__main__":
    round._take = said
    from vamaild.__main__ import main

    main()
