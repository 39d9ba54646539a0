"""Files, locks, signals, memory, processes: what the operating system is asked for."""
