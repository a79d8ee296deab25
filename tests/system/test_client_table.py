"""`vamaild client add --from clients.csv`: everything that is wrong at once, with its line; all files or none."""

import pytest

from tests.system.bench import Bench

DONE, ATTENTION, USAGE, CONFIGURATION = 0, 1, 2, 3
HEAD = "id,name,address,language,timezone,lead_days\n"


def added(bench: Bench, rows: str, *more: str, head: str = HEAD) -> tuple[int, str, list[str]]:
    """(exit code, what it printed, complaints without the folder)."""
    table = bench.config.parent / "clients.csv"
    table.write_text(head + rows, encoding="utf-8")
    said = bench.ask("client", "add", "--from", str(table), *more)
    return said.code, said.out, said.err.replace(f"{table.parent}/", "").strip().splitlines()


@pytest.mark.parametrize(
    ("rows", "code", "complaints"),
    [
        pytest.param(
            "uno,,u@uno.example,it,,4\n,Due,,it,,x\ntre,Tre,t@tre.example,it,,400\n",
            USAGE,
            [
                "clients.csv:2: name is empty",
                "clients.csv:3: id is empty",
                "clients.csv:3: address is empty",
                'clients.csv:3: lead_days cannot be "x"; say whole days, 0 to 366',
                'clients.csv:4: lead_days cannot be "400"; say whole days, 0 to 366',
            ],
            id="cells",
        ),
        pytest.param(
            "uno,Uno,u@uno.example,it,,4,more\n",
            USAGE,
            ["clients.csv:2: it has more cells than the head line; put a text that holds the separator in quotes"],
            id="too many cells",
        ),
        pytest.param(
            "UNO,Uno,u@uno.example,it,,\nuno,Uno,v@uno.example,it,,\nuno,Due,w@due.example,it,,\n",
            USAGE,
            [
                'clients.csv:2: "UNO" is no short name: small letters, digits and -',
                "clients.csv:3: uno stands there twice",
                "clients.csv:4: uno stands there twice",
            ],
            id="ids",
        ),
        pytest.param(
            "rossi,R,r@r.example,it,,\nuno,Uno,INFO@studiorossi.example,it,,\ndue,Due,d@due.example,it,,\n"
            "tre,Tre,x@tre.example D@due.example,it,,\n",
            ATTENTION,
            [
                "clients.csv:2: config/rules.d/client-rossi.toml is there already; edit it",
                "clients.csv:3: INFO@studiorossi.example is an address of rossi already",
                "clients.csv:5: D@due.example is an address of due already",
            ],
            id="taken",
        ),
    ],
)
def test_everything_that_is_wrong_is_said_and_nothing_written(
    bench: Bench, rows: str, code: int, complaints: list[str]
) -> None:
    before = sorted(bench.config.rglob("*"))
    told = added(bench, rows)
    assert told[0] == code, told
    assert [line.replace(f"{bench.config.name}/", "config/") for line in told[2]] == [
        *complaints,
        "Nothing was written.",
    ]
    assert sorted(bench.config.rglob("*")) == before


def test_what_the_service_would_not_take_is_said_by_its_line(bench: Bench) -> None:
    rows = "uno,Uno,u@uno.example,xx,,4\ndue,Due,nobody,it,,\ntre,Tre,t@tre.example,it,Europe/Nowhere,\n"
    code, _, complaints = added(bench, rows)
    assert code == CONFIGURATION
    places = {line.split(": ")[0] for line in complaints if line.startswith("clients.csv:")}
    assert places == {"clients.csv:2", "clients.csv:3", "clients.csv:4"}
    assert complaints[-1] == "Nothing was written."


def test_a_dry_run_writes_nothing(bench: Bench) -> None:
    before = sorted(bench.config.rglob("*"))
    code, out, complaints = added(bench, "uno,Uno,u@uno.example,it,,4\n", "--dry-run")
    assert (code, complaints) == (DONE, [])
    assert out.splitlines() == [f"{bench.config}/rules.d/client-uno.toml", "All good. Nothing was written."]
    assert sorted(bench.config.rglob("*")) == before
    assert added(bench, "rossi,R,r@r.example,it,,\n", "--dry-run")[0] == ATTENTION


@pytest.mark.slow
def test_three_hundred_at_once(bench: Bench) -> None:
    """As a spreadsheet writes them: other spelling of the head, empty lines, semicolons."""
    rows = "".join(f"kunde-{n};Firma {n};office@kunde-{n}.example;it;Europe/Rome;{n % 9}\n\n" for n in range(300))
    code, out, complaints = added(bench, rows, head="ID;Name;Address;Language;Timezone;Lead days\n")
    assert (code, complaints) == (DONE, [])
    assert out.startswith("Wrote 300 files")
    assert len(list((bench.config / "rules.d").glob("client-kunde-*.toml"))) == 300
