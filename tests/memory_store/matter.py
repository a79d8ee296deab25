"""What two messages about the same matter have in common."""

from vamaild.core.letter import bare_subject, thread_ids


def matter(message_id: str, references: tuple[str, ...], subject: str) -> set[str]:
    bare = bare_subject(subject).casefold()
    return set(thread_ids((*references, message_id))) | ({f"subject {bare}"} if bare else set())
