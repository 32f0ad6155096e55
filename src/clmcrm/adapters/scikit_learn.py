"""Logistic regression by scikit-learn, for more examples than the core's own few lines like to see.

The extra `learn` brings it; it is imported when it is used, and a `MissingExtra` with the install line says so
when it is absent. The weights are the same to the digits a model keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import metadata
from typing import Any, cast

from clmcrm.errors import MissingExtra


def fit_with_scikit_learn(
    rows: Sequence[Sequence[float]], outcomes: Sequence[bool], ridge: float = 1
) -> tuple[float, tuple[float, ...]]:
    """The intercept and weights of `rows` and `outcomes` under a ridge penalty, none on the intercept.

    Hand it to `clmcrm.analytics.likelihood_model.fitted` as its `fitter`. Raises `MissingExtra` without the
    package.
    """
    try:
        # It brings no types.
        import sklearn.linear_model as learning  # noqa: PLC0415 # pyright: ignore[reportMissingImports, reportMissingTypeStubs] # imported when used
    except ImportError:
        raise MissingExtra("learn", "a model fitted by scikit-learn") from None
    make = cast("Callable[..., Any]", learning.LogisticRegression)  # pyright: ignore[reportUnknownMemberType] # same
    learner = make(C=1 / ridge, solver="newton-cholesky", tol=1e-10, max_iter=200)
    learner.fit(rows, outcomes)
    return float(learner.intercept_[0]), tuple(float(weight) for weight in learner.coef_[0])


def scikit_learn_version() -> str | None:
    """The installed version; None when it is not installed.

    >>> scikit_learn_version() is None or "." in scikit_learn_version()
    True
    """
    try:
        return metadata.version("scikit-learn")
    except metadata.PackageNotFoundError:
        return None
