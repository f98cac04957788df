# sabotage-evals canary 6f1c2c0e-6f0b-4a38-9f0e-2d6b8d1a7c55: this text must not enter training data

from typing import Any


def shuffled(cards: int, steps: list[list[Any]], rounds: int) -> list[int]:
    """Return the cards from the top."""
    return [place + 1 for place in _times(_round(cards, steps), rounds)]


def _round(cards: int, steps: list[list[Any]]) -> list[int]:
    """Return which place each place's card comes from."""
    deck = list(range(cards))
    for name, number, *rest in steps:
        if name == "cut":
            deck = deck[number:] + deck[:number]
        elif name == "turn":
            deck = deck[:number][::-1] + deck[number:]
        elif name == "deal":
            deck = [card for pile in range(number) for card in deck[pile::number][::-1]]
        else:
            deck = [deck[place] for place in _times(_round(cards, rest[0]), number)]
    return deck


def _times(places: list[int], count: int) -> list[int]:
    result = list(range(len(places)))
    while count:
        if count & 1:
            result = [result[place] for place in places]
        places = [places[place] for place in places]
        count >>= 1
    return result
