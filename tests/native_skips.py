"""What the native engine does not do like the CPU engine, test by test, and why. Patterns are those of `fnmatch`, over node ids."""

from fnmatch import fnmatchcase

SKIPS: dict[str, str] = {
    "*::test_passes_do_not_change_the_answer(*": "Apple's framework plans its graphs: there are no passes to leave out",
}


def reason_on_native(node_id: str) -> str | None:
    plain = node_id.replace("[", "(").replace("]", ")")  # brackets are sets to fnmatch
    return next((reason for pattern, reason in SKIPS.items() if fnmatchcase(plain, pattern)), None)
