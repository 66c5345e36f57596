"""Which of Apple's initializers, methods and properties a piece of code uses."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import apple_names
import mpsnn
from apple_names import Names, Signature

Use = tuple[str, str]  # class, and Apple's name of the member; "get " or "set " before that of a property


def uses_of(class_name: str) -> Iterator[Use]:
    """Everything of a class that can be used. A class has what its superclass declares: that is counted there."""
    names = apple_names.class_names(class_name)
    for signature in [*([names.constructor] if names.constructor else []), *methods(class_name)]:
        for selector in signature.selectors:
            yield class_name, selector
    for member in names.properties.values():
        yield class_name, f"get {member['name']}"
        if not member["readonly"]:
            yield class_name, f"set {member['name']}"


def methods(class_name: str) -> list[Signature]:
    return [s for group in apple_names.class_names(class_name).methods.values() for s in group]


class Recorder:
    """While it is active, `used` grows by what is called on objects of the classes. One at a time."""

    def __init__(self, class_names: Sequence[str]) -> None:
        self.class_names = class_names
        self.used: set[Use] = set()
        self._undo: list[tuple[type, str, Any]] = []
        self._watched: set[tuple[type, str]] = set()

    def __enter__(self) -> Recorder:
        for class_name in self.class_names:
            cls, names = getattr(mpsnn, class_name), apple_names.class_names(class_name)
            if names.kind == "protocol" and "__init__" in vars(cls):
                self._replace(
                    cls, "__init_subclass__", classmethod(lambda made, c=class_name: self._watch_methods(c, made))
                )
                continue
            for name in ["__init__"] * (names.constructor is not None) + list(names.methods):
                self._watch(cls, name, self._watched_call)
            for name in names.properties:
                self._watch(cls, name, self._watched_property)
        return self

    def __exit__(self, *error: object) -> None:
        for cls, name, before in reversed(self._undo):
            if before is None:
                delattr(cls, name)
            else:
                setattr(cls, name, before)

    def _replace(self, cls: type, name: str, after: Any) -> None:
        self._undo.append((cls, name, vars(cls).get(name)))
        setattr(cls, name, after)

    def _watch(self, cls: type, name: str, watched: Callable[[type, str, Any], Any]) -> None:
        """Replaces the member where it is defined, once."""
        owner = next((c for c in cls.__mro__ if name in vars(c)), None)
        if owner and (owner, name) not in self._watched:
            self._watched.add((owner, name))
            self._replace(owner, name, watched(owner, name, vars(owner)[name]))

    def _classes(self, cls: type) -> Iterator[Names]:
        """The recorded classes that an object of `cls` belongs to."""
        for class_name in self.class_names:
            if issubclass(cls, getattr(mpsnn, class_name)):
                yield apple_names.class_names(class_name)

    def _watched_call(self, owner: type, name: str, member: Any) -> Any:
        static = isinstance(member, staticmethod)
        call = member.__func__ if static else member

        @functools.wraps(call)
        def watched(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs)
            cls = owner if static else type(args[0])
            for names in self._classes(cls):
                own = name != "__init__" or names.name == cls.__name__
                group = [names.constructor] if name == "__init__" else names.methods.get(name, [])
                for signature in group if own else []:
                    self._note_call(names.name, signature, args if static else args[1:], kwargs)
            return result

        return staticmethod(watched) if static else watched

    def _note_call(self, class_name: str, signature: Signature, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        given = {p.name for p, _ in zip(signature.parameters, args, strict=False)} | set(kwargs)
        for selector, call in zip(signature.selectors, signature.calls, strict=True):
            if given - {"device"} == set(call) - {"device"}:
                self.used.add((class_name, selector))

    def _watched_property(self, owner: type, name: str, member: Any) -> Any:
        def watched(kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
            def use(this: Any, *value: Any) -> Any:
                for names in self._classes(type(this)):
                    if name in names.properties:
                        self.used.add((names.name, f"{kind} {names.properties[name]['name']}"))
                return call(this, *value)

            return use

        setter = watched("set", member.fset) if member.fset else None
        return property(watched("get", member.fget), setter, doc=member.__doc__)

    def _watch_methods(self, class_name: str, made: type) -> None:
        """The members of a protocol are used where the library calls them on an object of the user's class."""
        names = apple_names.class_names(class_name)
        for name, group in names.methods.items():
            if name in vars(made):
                uses = [(class_name, selector) for s in group for selector in s.selectors]
                setattr(made, name, self._noting(uses, vars(made)[name]))
        for name, member in names.properties.items():
            if isinstance(vars(made).get(name), property):
                setattr(
                    made, name, property(self._noting([(class_name, f"get {member['name']}")], vars(made)[name].fget))
                )

    def _noting(self, uses: Sequence[Use], call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.used.update(uses)
            return call(*args, **kwargs)

        return watched
