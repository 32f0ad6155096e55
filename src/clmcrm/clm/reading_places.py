"""The place whose law governs, from its name: "New York", "Province of Ontario, Canada", "droit français".

The rule of the file: a name that two places share ("Georgia") and a cell that names several places stay
`Unknown`; a caller who knows declares them. Codes are ISO 3166-1 for countries and ISO 3166-2 for parts of
them; England and Wales are one jurisdiction and share `GB-ENG`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from clmcrm.clm.reading_words import REDACTED, column_key, marked, shown, single
from clmcrm.values.partial import Unknown

_STATES: Final = (
    "AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California,Californie;CO Colorado;CT Connecticut;DE Delaware;"
    "DC District of Columbia,Washington DC;FL Florida,Floride;GA Georgia,Géorgie;HI Hawaii;ID Idaho;IL Illinois;"
    "IN Indiana;IA Iowa;KS Kansas;KY Kentucky;LA Louisiana,Louisiane;ME Maine;MD Maryland;MA Massachusetts;"
    "MI Michigan;MN Minnesota;MS Mississippi;MO Missouri;MT Montana;NE Nebraska;NV Nevada;NH New Hampshire;"
    "NJ New Jersey;NM New Mexico,Nouveau-Mexique;NY New York,New York State;NC North Carolina,Caroline du Nord;"
    "ND North Dakota,Dakota du Nord;OH Ohio;OK Oklahoma;OR Oregon;PA Pennsylvania,Pennsylvanie;RI Rhode Island;"
    "SC South Carolina,Caroline du Sud;SD South Dakota,Dakota du Sud;TN Tennessee;TX Texas;UT Utah;VT Vermont;"
    "VA Virginia,Virginie;WA Washington,Washington State;WV West Virginia,Virginie-Occidentale;WI Wisconsin;"
    "WY Wyoming;PR Puerto Rico,Porto Rico"
)
_PARTS: Final = (
    "GB-ENG England,Wales,Angleterre,Pays de Galles,English law,droit anglais;GB-SCT Scotland,Écosse;"
    "GB-NIR Northern Ireland,Irlande du Nord;"
    "CA-AB Alberta;CA-BC British Columbia,Colombie-Britannique;CA-MB Manitoba;CA-NB New Brunswick,Nouveau-Brunswick;"
    "CA-NL Newfoundland,Terre-Neuve;CA-NS Nova Scotia,Nouvelle-Écosse;CA-ON Ontario;"
    "CA-PE Prince Edward Island,Île-du-Prince-Édouard;CA-QC Quebec,Québec;CA-SK Saskatchewan;"
    "AU-NSW New South Wales,Nouvelle-Galles du Sud;AU-QLD Queensland;AU-SA South Australia;AU-TAS Tasmania;"
    "AU-VIC Victoria;AU-WA Western Australia"
)
_COUNTRIES: Final = (
    "AE United Arab Emirates,UAE,Émirats arabes unis;AF Afghanistan;AL Albania,Albanie;AD Andorra,Andorre;AM Armenia,"
    "Arménie;AO Angola;AR Argentina,Argentine;AT Austria,Autriche;AU Australia,Australie;AZ Azerbaijan,Azerbaïdjan;"
    "BA Bosnia and Herzegovina,Bosnie-Herzégovine;BB Barbados,Barbade;BD Bangladesh;BE Belgium,Belgique,Belgian law,"
    "droit belge;BF Burkina Faso;BG Bulgaria,Bulgarie;BH Bahrain,Bahreïn;BI Burundi;BJ Benin,Bénin;BM Bermuda,"
    "Bermudes;BN Brunei;BO Bolivia,Bolivie;BR Brazil,Brésil;BS Bahamas;BT Bhutan,Bhoutan;BW Botswana;"
    "BY Belarus,Biélorussie;BZ Belize;CA Canada;CD Democratic Republic of the Congo,République démocratique du Congo;"
    "CF Central African Republic,République centrafricaine;CG Congo;CH Switzerland,Suisse,Swiss law,droit suisse;"
    "CI Ivory Coast,Côte d'Ivoire;CL Chile,Chili;CM Cameroon,Cameroun;CN China,Chine,PRC;CO Colombia,Colombie;"
    "CR Costa Rica;CU Cuba;CV Cape Verde,Cap-Vert;CY Cyprus,Chypre;CZ Czechia,Czech Republic,Tchéquie,"
    "République tchèque;DE Germany,Allemagne,Deutschland,German law,droit allemand;DJ Djibouti;DK Denmark,Danemark;"
    "DO Dominican Republic,République dominicaine;DZ Algeria,Algérie;EC Ecuador,Équateur;EE Estonia,Estonie;"
    "EG Egypt,Égypte;ER Eritrea,Érythrée;ES Spain,Espagne,Spanish law,droit espagnol;ET Ethiopia,Éthiopie;"
    "FI Finland,Finlande;FJ Fiji,Fidji;FR France,French law,droit français;GA Gabon;GB United Kingdom,UK,"
    "Great Britain,Royaume-Uni,Grande-Bretagne;GE Georgia,Géorgie;GG Guernsey,Guernesey;GH Ghana;GI Gibraltar;"
    "GM Gambia,Gambie;GN Guinea,Guinée;GQ Equatorial Guinea,Guinée équatoriale;GR Greece,Grèce;GT Guatemala;GY Guyana;"
    "HK Hong Kong;HN Honduras;HR Croatia,Croatie;HT Haiti,Haïti;HU Hungary,Hongrie;ID Indonesia,Indonésie;IE Ireland,"
    "Irlande;IL Israel,Israël;IM Isle of Man,Île de Man;IN India,Inde;IQ Iraq,Irak;IR Iran;IS Iceland,Islande;"
    "IT Italy,Italie,Italian law,droit italien;JE Jersey;JM Jamaica,Jamaïque;JO Jordan,Jordanie;JP Japan,Japon;"
    "KE Kenya;KG Kyrgyzstan,Kirghizistan;KH Cambodia,Cambodge;KM Comoros,Comores;KR South Korea,Corée du Sud,"
    "Republic of Korea;KW Kuwait,Koweït;KY Cayman Islands,Îles Caïmans;KZ Kazakhstan;LA Laos;LB Lebanon,Liban;"
    "LI Liechtenstein;LK Sri Lanka;LR Liberia,Libéria;LS Lesotho;LT Lithuania,Lituanie;LU Luxembourg,"
    "droit luxembourgeois;LV Latvia,Lettonie;LY Libya,Libye;MA Morocco,Maroc;MC Monaco;MD Moldova,Moldavie;"
    "ME Montenegro,Monténégro;MG Madagascar;MH Marshall Islands,Îles Marshall;MK North Macedonia,Macédoine du Nord;"
    "ML Mali;MM Myanmar,Birmanie;MN Mongolia,Mongolie;MO Macau,Macao;MR Mauritania,Mauritanie;MT Malta,Malte;"
    "MU Mauritius,Maurice,Île Maurice;MV Maldives;MW Malawi;MX Mexico,Mexique;MY Malaysia,Malaisie;MZ Mozambique;"
    "NA Namibia,Namibie;NE Niger;NG Nigeria,Nigéria;NI Nicaragua;NL Netherlands,Pays-Bas,Holland,Dutch law,"
    "droit néerlandais;NO Norway,Norvège;NP Nepal,Népal;NZ New Zealand,Nouvelle-Zélande;OM Oman;PA Panama;PE Peru,"
    "Pérou;PG Papua New Guinea,Papouasie-Nouvelle-Guinée;PH Philippines;PK Pakistan;PL Poland,Pologne;PT Portugal;"
    "PY Paraguay;QA Qatar;RO Romania,Roumanie;RS Serbia,Serbie;RU Russia,Russie,Russian Federation,"
    "Fédération de Russie;RW Rwanda;SA Saudi Arabia,Arabie saoudite;SC Seychelles;SD Sudan,Soudan;SE Sweden,Suède;"
    "SG Singapore,Singapour;SI Slovenia,Slovénie;SK Slovakia,Slovaquie;SL Sierra Leone;SM San Marino,Saint-Marin;"
    "SN Senegal,Sénégal;SO Somalia,Somalie;SR Suriname;SV El Salvador,Salvador;SY Syria,Syrie;SZ Eswatini;TD Chad,"
    "Tchad;TG Togo;TH Thailand,Thaïlande;TJ Tajikistan,Tadjikistan;TM Turkmenistan,Turkménistan;TN Tunisia,Tunisie;"
    "TR Turkey,Türkiye,Turquie;TT Trinidad and Tobago,Trinité-et-Tobago;TW Taiwan,Taïwan,"
    "Republic of China,The Republic of China,République de Chine,La République de Chine;TZ Tanzania,Tanzanie;"
    "UA Ukraine;UG Uganda,Ouganda;US United States,United States of America,USA,États-Unis,États-Unis d'Amérique;"
    "UY Uruguay;UZ Uzbekistan,Ouzbékistan;VE Venezuela;VG British Virgin Islands,Îles Vierges britanniques;"
    "VN Vietnam,Viêt Nam;YE Yemen,Yémen;ZA South Africa,Afrique du Sud;ZM Zambia,Zambie;ZW Zimbabwe"
)
# What may stand before a name without changing which place it is, longest first.
_STYLES: Final = (
    "the people s republic of ", "people s republic of ", "the federal republic of ", "federal republic of ",
    "the laws of the ", "the laws of ", "laws of the ", "laws of ", "law of ", "the republic of ", "republic of ",
    "the state of ", "the province of ", "province of ", "the commonwealth of ", "commonwealth of ", "the kingdom of ",
    "kingdom of ", "grand duchy of ", "republique federale d ", "republique populaire de ", "republique de ",
    "republique du ", "royaume de ", "grand duche de ", "province de l ", "province de ", "province du ", "loi de ",
    "the ", "la ", "le ", "les ", "l ",
)  # fmt: skip
# A state is only ever a part of a country: the words decide between the two Georgias.
_STATE_STYLES: Final = ("the state of ", "state of ", "laws of the state of ", "etat de ", "etat du ")
_NOTHING_DECLARED: Final[Mapping[str, str]] = MappingProxyType({})


def read_place(text: str, declared: Mapping[str, str] = _NOTHING_DECLARED) -> str | Unknown:
    """The ISO 3166 code of the one place `text` names: "US-NY", "CA-ON", "DE".

    `declared` maps names to codes and goes before the table. A country beside a part of it is that part
    ("Ontario, Canada"). `Unknown` with the reason for several places, for a name two places share and for
    one that is not in the table.

    >>> read_place("New York"), read_place("England; Wales"), read_place("Province of Ontario, Canada")
    ('US-NY', 'GB-ENG', 'CA-ON')
    >>> read_place("Georgia").reason, read_place("Georgia", {"Georgia": "US-GA"})
    ("'Georgia' may be GE or US-GA", 'US-GA')
    """
    own = {column_key(name): code for name, code in declared.items()}
    return single(text.replace(";", ","), lambda value: _place(value, own))


def _place(value: str, own: Mapping[str, str]) -> str | Unknown:
    if REDACTED in marked(value):
        return Unknown("it is redacted", value)
    codes = _codes(value, own)
    if codes is not None:
        return _one(codes, value)
    parts = _parts(value)
    found = [_codes(part, own) for part in parts]
    unread = next((part for part, one in zip(parts, found, strict=True) if one is None), None)
    if unread is not None:
        return Unknown(f"{shown(unread)} is no place in the table", value)
    sure = frozenset(code for one in found if one is not None and len(one) == 1 for code in one)
    # "Georgia, United States" is the state: a country named beside it tells the two apart.
    told = [
        frozenset(code for code in one if code.partition("-")[0] in sure) or one for one in found if one is not None
    ]
    meant = frozenset[str]().union(*told)
    return _one(frozenset(code for code in meant if not any(one.startswith(f"{code}-") for one in meant)), value)


def _one(codes: frozenset[str], value: str) -> str | Unknown:
    if len(codes) == 1:
        return next(iter(codes))
    return Unknown(f"{shown(value)} may be {' or '.join(sorted(codes))}", value)


def _parts(value: str) -> list[str]:
    parts = value.replace(" and ", ",").replace(" et ", ",").split(",")
    return [part.strip() for part in parts if part.strip()]


def _codes(name: str, own: Mapping[str, str]) -> frozenset[str] | None:
    """Every place the name may mean; None when it is not in the table."""
    key = column_key(name)
    if key in own:
        return frozenset({own[key]})
    table = _table()
    for style in _STATE_STYLES:
        if key.startswith(style):
            found = {code for code in table.get(key.removeprefix(style), ()) if code.startswith("US-")}
            return frozenset(found) or None
    if key in table:
        return table[key]
    bare = next((key.removeprefix(style) for style in _STYLES if key.startswith(style)), key)
    return frozenset({own[bare]}) if bare in own else table.get(bare)


@cache
def _table() -> dict[str, frozenset[str]]:
    """Every name, folded, with the codes it may mean."""
    table: dict[str, frozenset[str]] = {}
    for prefix, listed in (("US-", _STATES), ("", _PARTS), ("", _COUNTRIES)):
        for entry in listed.split(";"):
            code, _, names = entry.partition(" ")
            for name in names.split(","):
                key = column_key(name)
                table[key] = table.get(key, frozenset()) | {prefix + code}
    return table
