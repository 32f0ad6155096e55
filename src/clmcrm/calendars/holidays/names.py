"""The names of holidays that several places share, in English and in French."""

from __future__ import annotations

from typing import Final

from clmcrm.values.wording import Wording

NEW_YEAR: Final = Wording("New Year's Day", "jour de l'An")
EPIPHANY: Final = Wording("Epiphany", "Épiphanie")
MAUNDY_THURSDAY: Final = Wording("Maundy Thursday", "jeudi saint")
GOOD_FRIDAY: Final = Wording("Good Friday", "vendredi saint")
EASTER_SUNDAY: Final = Wording("Easter Sunday", "dimanche de Pâques")
EASTER_MONDAY: Final = Wording("Easter Monday", "lundi de Pâques")
LABOUR_DAY: Final = Wording("Labour Day", "fête du Travail")
ASCENSION: Final = Wording("Ascension Day", "Ascension")
WHIT_SUNDAY: Final = Wording("Whit Sunday", "dimanche de Pentecôte")
WHIT_MONDAY: Final = Wording("Whit Monday", "lundi de Pentecôte")
CORPUS_CHRISTI: Final = Wording("Corpus Christi", "Fête-Dieu")
ASSUMPTION: Final = Wording("Assumption Day", "Assomption")
ALL_SAINTS: Final = Wording("All Saints' Day", "Toussaint")
CHRISTMAS: Final = Wording("Christmas Day", "Noël")
SECOND_CHRISTMAS: Final = Wording("Second Day of Christmas", "deuxième jour de Noël")
BOXING_DAY: Final = Wording("Boxing Day", "lendemain de Noël (Boxing Day)")
