"""The small page behind the link in a notice: one case, the queue of today, verdicts. A process of its own."""
