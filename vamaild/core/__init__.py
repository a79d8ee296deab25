"""The pure core: values in, values out. No clock, no file, no network; the standard library only."""
