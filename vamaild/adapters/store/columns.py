"""What every table says of its columns."""

EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999


def time_check(column: str) -> str:
    """Microseconds since 1970 UTC that are a time of the years 1 to 9999."""
    return f"CHECK ({column} BETWEEN {EARLIEST} AND {LATEST})"
