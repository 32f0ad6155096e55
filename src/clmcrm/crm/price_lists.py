"""Which price of which book applies to a product on a day, and where price books contradict one another.

The rule of the file: two prices that could both apply are never chosen between in silence; the answer is
unknown and names both, and `price_book_problems` finds them before anybody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations

from attrs import frozen

from clmcrm.crm.product import Price, PriceBook, check_quantity
from clmcrm.values.currencies import Currency, currency
from clmcrm.values.days import check_days
from clmcrm.values.ids import PriceBookId, ProductId
from clmcrm.values.partial import Unknown
from clmcrm.values.problems import Problem, Severity
from clmcrm.values.tenor import Tenor
from clmcrm.values.wording import Wording


@frozen(kw_only=True)
class ListPrice:
    """The `price` that applies, the `book` it stands in, and why, in words."""

    price: Price
    book: PriceBook
    why: Wording


def list_price(
    product: ProductId,
    quantity: Decimal,
    day: date,
    code: str | Currency,
    *,
    books: Iterable[PriceBook],
    prices: Iterable[Price],
    book: PriceBookId | None = None,
    every: Tenor | None = None,
) -> ListPrice | Unknown:
    """The price of `product` for `quantity` on `day` in the currency `code`, or why there is none.

    `book` is the book to look in (None: the standard books). `every` is the rhythm wanted (None: whichever,
    as long as there is only one). Of several minimum quantities of one book and rhythm the highest that is reached
    counts. A price in tiers that end below `quantity` is none. Raises `InvalidRecord` for a quantity that is no number.

    >>> from clmcrm.values.money import UnitPrice
    >>> shelf = PriceBook(id=PriceBookId("b"), name="Standard", is_standard=True)
    >>> nine = Price(product=ProductId("p"), book=shelf.id, unit_price=UnitPrice(9, "EUR"))
    >>> list_price(ProductId("p"), Decimal(1), date(2026, 1, 1), "EUR", books=[shelf], prices=[nine]).price.unit_price
    UnitPrice('9', 'EUR')
    """
    check_days("list_price", day=day)
    check_quantity(f"Price {product}", quantity)
    unit = currency(code)
    open_books = {b.id: b for b in books if _open(b, day) and (b.id == book if book else b.is_standard)}
    if not open_books:
        return Unknown(f"no {'price book ' + book if book else 'standard price book'} is valid on {day}")
    found = [p for p in prices if p.product == product and p.book in open_books and p.valid_on(day)]
    found = [p for p in found if price_currency(p) == unit and (every is None or _adds(p.recurs_every) == every.adds)]
    if not found:
        return Unknown(f"no price of {product} in {unit} is valid on {day}")
    reached = [p for p in found if (p.minimum or 0) <= quantity]
    if not reached:
        least = min(p.minimum or Decimal(0) for p in found)
        return Unknown(f"{product} is sold from {least} on, and {quantity} are wanted")
    within = [p for p in reached if _reaches(p, quantity)]
    if not within:
        most = max(p.tiers[-1].up_to or Decimal(0) for p in reached)
        return Unknown(f"{product} is sold up to {most}, and {quantity} are wanted")
    top = [p for p in within if (p.minimum or 0) == _highest(within, p)]
    if len(top) > 1:
        return Unknown(f"{product} has {len(top)} prices on {day}: {', '.join(map(price_name, top))}")
    return _found(top[0], open_books)


def _adds(every: Tenor | None) -> tuple[int, int] | None:
    """A rhythm by what it adds: a year and twelve months are one, and None is none."""
    return None if every is None else every.adds


def _reaches(price: Price, quantity: Decimal) -> bool:
    """Whether the tiers of `price`, if it has any, go as far as `quantity`."""
    most = price.tiers[-1].up_to if price.tiers else None
    return most is None or quantity <= most


def _highest(reached: Iterable[Price], price: Price) -> Decimal:
    """The highest minimum quantity beside `price`: in its book and at its rhythm."""
    beside = [p for p in reached if (p.book, _adds(p.recurs_every)) == (price.book, _adds(price.recurs_every))]
    return max(p.minimum or Decimal(0) for p in beside)


def _found(price: Price, books: Mapping[PriceBookId, PriceBook]) -> ListPrice:
    assert price.book is not None  # noqa: S101 - the caller has looked the book up
    shelf = books[price.book]
    en, fr = f"from {shelf.name}", f"selon {shelf.name}"
    if price.minimum:
        en, fr = f"{en}, for {price.minimum} or more", f"{fr}, à partir de {price.minimum}"
    return ListPrice(price=price, book=shelf, why=Wording(en, fr))


def price_currency(price: Price) -> Currency:
    """The currency a price is in: its unit price's, or its tiers'.

    >>> from clmcrm.values.money import UnitPrice
    >>> str(price_currency(Price(product=ProductId("p"), unit_price=UnitPrice(9, "EUR"))))
    'EUR'
    """
    return price.tiers[0].price.currency if price.unit_price is None else price.unit_price.currency


def price_name(price: Price) -> str:
    """How findings name a price: product, book, amount and rhythm.

    >>> from clmcrm.values.money import UnitPrice
    >>> price_name(Price(product=ProductId("p"), unit_price=UnitPrice(9, "EUR")))
    'p in no book at 9 EUR once'
    """
    amount = f"tiers in {price_currency(price)}" if price.unit_price is None else str(price.unit_price)
    rhythm = "once" if price.recurs_every is None else f"every {price.recurs_every}"
    return f"{price.product} in {price.book or 'no book'} at {amount} {rhythm}"


def price_book_problems(books: Iterable[PriceBook], prices: Iterable[Price]) -> tuple[Problem, ...]:
    """Where books and prices contradict one another; empty when each product has one price at a time.

    Two standard books valid on one day; two prices of one book for the same product, currency, rhythm and
    minimum with a day in common; a price in no known book, outside its book's days, or not in its currency.

    >>> price_book_problems([], [])
    ()
    """
    shelves = sorted(books, key=lambda b: b.id)
    listed = sorted(prices, key=lambda p: (p.product, p.book or "", str(p.first_day), price_name(p)))
    return (*_overlapping_books(shelves), *_overlapping_prices(listed), *_misplaced(shelves, listed))


def _overlapping_books(shelves: Iterable[PriceBook]) -> Iterator[Problem]:
    standard = [b for b in shelves if b.is_standard and b.active]
    for one, other in combinations(standard, 2):
        same_currency = one.currency is None or other.currency is None or one.currency == other.currency
        if same_currency and _overlap(one, other):
            yield Problem(
                where=f"price book {one.id}",
                field="is_standard",
                value=one.name,
                what=f"is a standard book while {other.name} ({other.id}) is one, too",
                expected="one standard book on a day and currency",
            )


def _overlapping_prices(listed: Iterable[Price]) -> Iterator[Problem]:
    by_offer: dict[tuple[object, ...], list[Price]] = {}
    for price in listed:
        if price.active:
            offer = (
                price.product,
                price.book,
                price_currency(price).code,
                _adds(price.recurs_every),
                price.minimum or 0,
            )
            by_offer.setdefault(offer, []).append(price)
    for alike in by_offer.values():
        for one, other in combinations(alike, 2):
            if _overlap(one, other):
                yield Problem(
                    where=f"product {one.product}",
                    field="prices",
                    value=price_name(one),
                    what=f"applies on days on which {price_name(other)} does, too",
                    expected="one price on a day",
                    severity=Severity.ERROR,
                )


def _misplaced(shelves: Iterable[PriceBook], listed: Iterable[Price]) -> Iterator[Problem]:
    known = {b.id: b for b in shelves}
    for price in listed:
        if price.book is None:
            continue
        where = f"product {price.product}"
        shelf = known.get(price.book)
        if shelf is None:
            yield Problem(where=where, field="book", value=price.book, what="is not among the price books")
        elif shelf.currency is not None and shelf.currency != price_currency(price):
            what = f"is not in the currency of {shelf.name}"
            yield Problem(
                where=where, field="unit_price", value=price_name(price), what=what, expected=str(shelf.currency)
            )
        elif not _overlap(price, shelf):
            yield Problem(
                where=where, field="first_day", value=price_name(price), what=f"is never valid while {shelf.name} is"
            )


def _open(book: PriceBook, day: date) -> bool:
    return book.active and (book.first_day or date.min) <= day <= (book.last_day or date.max)


def _overlap(one: Price | PriceBook, other: Price | PriceBook) -> bool:
    begins = max(one.first_day or date.min, other.first_day or date.min)
    return begins <= min(one.last_day or date.max, other.last_day or date.max)
