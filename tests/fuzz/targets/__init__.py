"""What `make fuzz` feeds with bytes that atheris (libFuzzer) makes up, guided by which lines they reach."""
