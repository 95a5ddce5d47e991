"""A small app on the openai SDK: one model answers, and another where the first cannot."""

from dataclasses import dataclass

from openai import APIError, OpenAI


class Unanswered(Exception):
    """No model gave a whole answer."""


@dataclass(frozen=True)
class Model:
    """A model and the client that reaches it."""

    client: OpenAI
    name: str

    def answer(self, question: str) -> str:
        """A whole answer. Unanswered where it is empty or was cut off, APIError."""
        stream = self.client.chat.completions.create(
            model=self.name, messages=[{"role": "user", "content": question}], stream=True
        )
        text, why_ended = "", None
        for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                why_ended = choice.finish_reason or why_ended
        if not text or why_ended != "stop":
            raise Unanswered(f"{self.name}: {len(text)} characters, and it ended by {why_ended}")
        return text


@dataclass(frozen=True)
class Assistant:
    """Asks the primary, then the backup."""

    primary: Model
    backup: Model

    def answer(self, question: str) -> str:
        """Unanswered, or APIError of the backup, where both failed."""
        try:
            return self.primary.answer(question)
        except (APIError, Unanswered):
            return self.backup.answer(question)
