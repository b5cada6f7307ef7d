"""Drives the service from outside by wrk, and measures in the same run what bounds it. Started by scripts/bench.

Every figure of a row is of one span of a few seconds: requests a second, p50 and p99 in milliseconds, the CPU of a request (the
service, and on PostgreSQL its server too), and what the sum of the parts allows: the bare hash, a bare handler that answers the
same bytes, and the very statements that the service sends, by pgbench or by SQLite's C library, each in CPU of its own.
"""

import contextlib
import glob
import hashlib
import http.client
import json
import os
import random
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HANDOVER = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release", "handover")
CORES = os.cpu_count()
SPAN = 4  # seconds a figure
AT_ONCE = [1, 16, 64, 256]
CONNECTIONS = 16  # to PostgreSQL, of the service by default and of pgbench
PROJECTS = 64  # so that callers meet as seldom as those of a cloud: offers of one project take their turns
SLOTS = 128  # of counts of transfers, a volume has one
BASE = 10_000  # volumes of the project that lists and shows are asked of
POOL = {1: 6_000, 16: 10_000, 64: 14_000, 256: 14_000}  # volumes to offer, and offers to accept
ALICE = {"X-Auth-Token": "alice:base"}


def uid(kind, n):
    """As PostgreSQL's md5 makes it of the same text, so that pgbench knows the ids too."""
    return str(uuid.UUID(hashlib.md5(f"{kind}{n}".encode()).hexdigest()))


def project(n):
    return f"p{n % PROJECTS}"


# ---- the two engines ------------------------------------------------------------------------------------------------


def document(path, base, pool):
    """`base` volumes of one project, and `pool` to offer and on offer each."""
    with open(path, "w") as out:
        out.write('{"volumes": [')
        out.write(",".join(json.dumps({"id": uid("b", n), "project_id": "base", "size": 1, "name": f"n{n}"}) for n in range(base)))
        for n in range(pool):
            for kind in "vo":
                # made at one moment, which a create asks for again
                out.write("," + json.dumps({"id": uid(kind, n), "project_id": project(n), "size": 1, "created_at": "2026-01-01T00:00:00"}))
        for n in range(min(pool, PROJECTS)):  # who has had something before is held to its limits at the first try
            out.write("," + json.dumps({"id": uid("q", n), "project_id": f"q{n}", "size": 1}))
        offers = ({"id": uid("t", n), "volume_id": uid("o", n), "auth_key": f"{n:016x}"} for n in range(pool))
        out.write('], "transfers": [' + ",".join(map(json.dumps, offers)) + "]}")


class Postgres:
    """A throw-away server with the settings that it comes with; also its commits reach the disk."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "postgres")
        self.bin = os.path.dirname((sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [os.path.realpath(shutil.which("initdb"))])[-1])
        os.mkdir(self.folder)
        if os.geteuid() == 0:  # which PostgreSQL does not run as
            shutil.chown(folder, "postgres")
            shutil.chown(self.folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "-D", self.folder + "/data")
        options = f"-p {self.port} -k {self.folder} -c max_connections=300 -c log_line_prefix='%p '"
        self.run("pg_ctl", "-D", self.folder + "/data", "-l", self.folder + "/log", "-w", "-o", options, "start")

    def run(self, program, *arguments, check=True):
        by = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*by, os.path.join(self.bin, program), *arguments], capture_output=True, text=True, cwd="/")
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, text, database="postgres"):
        return self.run("psql", "-qtA", "-h", self.folder, "-p", str(self.port), "-U", "postgres", "-d", database, "-c", text)

    def url(self, database):
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def cpu(self):
        """Of all its processes, in seconds; those that ended are their parent's."""
        with open(self.folder + "/data/postmaster.pid") as pid:
            parent = int(pid.readline())
        stats = {}
        for path in glob.glob("/proc/[0-9]*/stat"):
            with contextlib.suppress(OSError), open(path) as stat:
                fields = stat.read().rsplit(") ", 1)[1].split()
                stats[int(path.split("/")[2])] = fields
        own = [fields for pid, fields in stats.items() if pid == parent or int(fields[1]) == parent]
        ended = sum(int(value) for value in stats[parent][13:15])
        return (sum(int(fields[11]) + int(fields[12]) for fields in own) + ended) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.run("pg_ctl", "-D", self.folder + "/data", "-m", "immediate", "stop", check=False)


class Service:
    def __init__(self, url, *flags, postgres=None, log="warn"):
        command = [HANDOVER, "serve", "--database-url", url, "--listen", "127.0.0.1:0", "--log", log, *(flags or ["--hash", "token"])]
        self.postgres = postgres
        self.err = tempfile.TemporaryFile("w+")
        # in a session of its own, as whatever runs services starts them
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.err, text=True, start_new_session=True)
        for line in self.process.stdout:
            if found := re.search(r"listening on http://(\S+)", line):
                self.address = found[1]
                break
        else:
            self.err.seek(0)
            raise SystemExit(f"the service does not start: {self.err.read()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + (self.postgres.cpu() if self.postgres else 0)

    def memory(self):
        """What it has at most had in memory, in MiB."""
        return most_memory(self.process.pid)

    def ask(self, method, path, body=None, headers=ALICE):
        connection = http.client.HTTPConnection(self.address)
        connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status < 300, text
        return text


def most_memory(pid):
    """What a process has at most had in memory, in MiB; none where it is about to end."""
    with open(f"/proc/{pid}/status") as status:
        found = re.search(r"VmHWM:\s+(\d+)", status.read())
    return int(found[1]) / 1024 if found else None


def load(url, path):
    """How long an import takes in seconds, and the memory that it needs in MiB."""
    begun, memory = time.monotonic(), 0
    importing = subprocess.Popen([HANDOVER, "import", "--hash", "token", "--database-url", url, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # not by its resource usage: that counts what this program had when it began the other
    while importing.poll() is None:
        memory = most_memory(importing.pid) or memory
        time.sleep(0.05)
    assert importing.returncode == 0, "the import fails"
    return time.monotonic() - begun, memory


# ---- wrk ------------------------------------------------------------------------------------------------------------

LUA = """
local lines, at, statuses = {}, 0, {}
function init() for line in io.lines("%(lines)s") do lines[#lines + 1] = line end end
function request()
  at = at + 1
  if at > #lines then if %(once)s then wrk.thread:stop() at = #lines else at = 1 end end
  local project, path, body = lines[at]:match("^(%%S+) (%%S+) ?(.*)$")
  return wrk.format("%(method)s", path, {["X-Auth-Token"] = "alice:" .. project, ["Content-Type"] = "application/json"}, body)
end
"""
PAUSE = """
function delay() return math.random(0, 2 * %d) end
"""
DONE = """
done = function(summary, latency)
  io.write(string.format("FIGURES %%d %%d %%d %%f %%f\\n", summary.requests, summary.duration, summary.errors.status,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
"""


class Figure:
    def __init__(self, rate, p50, p99, cpu, refused, left):
        # `left`: cores that the load generator itself leaves to what it asks
        self.rate, self.p50, self.p99, self.cpu, self.refused, self.left = rate, p50, p99, cpu, refused, left


def wrk(service, method, lines, at_once, folder, span=SPAN, address=None, pause=0):
    """Sends the lines (project, path, body) until the time has run out, and no write twice. Each caller waits `pause` ms in the mean before it asks again."""
    with open(folder + "/lines", "w") as out:
        out.write("\n".join(lines))
    with open(folder + "/wrk.lua", "w") as out:
        out.write(LUA % {"lines": folder + "/lines", "method": method, "once": str(method == "POST" and len(lines) > 1).lower()} + PAUSE % pause * (pause > 0) + DONE.replace("%%", "%"))
    command = ["wrk", "-t1", f"-c{at_once}", f"-d{span}s", "--timeout", "30s", "-s", folder + "/wrk.lua"]
    before, own = service.cpu() if service else 0, children()
    done = subprocess.run([*command, f"http://{address or service.address}"], capture_output=True, text=True)
    cpu, own = service.cpu() - before if service else 0, children() - own
    found = re.search(r"FIGURES (\d+) (\d+) (\d+) (\S+) (\S+)", done.stdout)
    assert found, done.stdout + done.stderr
    requests, micros, refused = (int(number) for number in found.groups()[:3])
    return Figure(requests * 1e6 / micros, float(found[4]), float(found[5]), cpu * 1e6 / max(requests, 1), refused, CORES - own * 1e6 / micros)


@contextlib.contextmanager
def watched(address):
    """While callers are sent away: how long each of a few others took that was sent away, in ms; all must be told when to come again."""
    found, untold, is_over = [], [], threading.Event()

    def ask():
        connection = http.client.HTTPConnection(address)
        while not is_over.wait(0.02):
            begun = time.monotonic()
            connection.request("POST", "/v3/base/volume-transfers", '{"transfer": {"volume_id": "%s"}}' % uid("none", 0), {"Content-Type": "application/json", **ALICE})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 503:
                found.append((time.monotonic() - begun) * 1000)
                untold.extend([answer] * (answer.headers["Retry-After"] is None))

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for each in asking:
        each.start()
    try:
        yield found
    finally:
        is_over.set()
        for each in asking:
            each.join()
    found.sort()
    assert not untold, "it is not said when to come again"


def children():
    """The CPU of the programs that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def creates(start, count):
    return [f'{project(n)} /v3/{project(n)}/volume-transfers {{"transfer":{{"volume_id":"{uid("v", n)}"}}}}' for n in range(start, start + count)]


def accepts(start, count):
    return [f'q{n % PROJECTS} /v3/q{n % PROJECTS}/volume-transfers/{uid("t", n)}/accept {{"accept":{{"auth_key":"{n:016x}"}}}}' for n in range(start, start + count)]


def shows(count=20_000, base=BASE):
    return [f"base /v3/base/volumes/{uid('b', random.randrange(base))} " for _ in range(count)]


PAGE = "/v3/base/volumes/detail?limit=100"


def again(line):
    return [line]


# ---- what bounds it -------------------------------------------------------------------------------------------------


def limits():
    """The program that measures the hash and the bare handler."""
    out = subprocess.run(["cargo", "bench", "--locked", "--no-run", "--bench", "limits", "--message-format", "json"], cwd=ROOT, capture_output=True, text=True, check=True)
    built = [json.loads(line) for line in out.stdout.splitlines() if line.startswith("{")]
    return next(each["executable"] for each in built if each.get("executable") and each["target"]["name"] == "limits")


class Handler(Service):
    """A bare actix handler that answers the same bytes."""

    def __init__(self, program, folder):
        self.postgres = None
        self.process = subprocess.Popen([program, "handler", folder], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()


# what the service asks by itself once a second
BESIDE = ["clock_timestamp()", "WHERE status_until <="]


def said(postgres, work):
    """The statements that PostgreSQL is sent meanwhile, in their order, each with its parameters as they stand in SQL."""
    log = postgres.folder + "/log"
    postgres.sql("ALTER SYSTEM SET log_statement = 'all'")
    postgres.sql("SELECT pg_reload_conf()")
    time.sleep(1)
    at = os.path.getsize(log)
    work()
    time.sleep(0.5)
    with open(log) as lines:
        lines.seek(at)
        text = lines.read()
    postgres.sql("ALTER SYSTEM RESET log_statement")
    postgres.sql("SELECT pg_reload_conf()")
    entries = re.split(r"^\d+ (?=[A-Z]+:  )", text, flags=re.M)
    statements = []
    for entry in entries:
        if found := re.match(r"LOG:  (?:statement|execute \S+): (.*)", entry, re.S):
            statements.append((found[1].strip(), {}))
        elif found := re.match(r"DETAIL:  parameters: (.*)", entry, re.S):
            statements[-1][1].update(re.findall(r"\$(\d+) = ('(?:[^']|'')*'|NULL)", found[1]))
    others = ["log_statement", "pg_reload", *BESIDE]
    return [(statement, parameters) for statement, parameters in statements if not any(other in statement for other in others)]


def script(statements, ids):
    """The same for pgbench, where the ids of this one are another's each time; and the variables that it needs."""
    variables = {}

    def variable(text):
        # what has a colon pgbench takes for variables of its own, wherever it stands
        return ":" + variables.setdefault(text, f"text_{len(variables)}")

    def literal(value):
        bare = value[1:-1].replace("''", "'")
        if bare in ids:
            return ids[bare]
        if value == "NULL" or ":" not in value:
            return value
        # within a JSON text; a project's id is short, and might stand anywhere else
        pieces = re.split("(" + "|".join(re.escape(f'"{known}"') for known in ids) + ")", bare)
        if len(pieces) == 1:
            return variable(bare)
        known = {f'"{known}"': f"'\"' || {formula} || '\"'" for known, formula in ids.items()}
        return "(" + " || ".join(known.get(piece) or f"CAST({variable(piece)} AS TEXT)" for piece in pieces if piece) + ")"

    lines = ["\\set i :i + 1", "\\set n :client_id * :share + :i"]
    for text, parameters in statements:
        # a volume has its slot: with one for all, each would wait for every other
        text = re.sub(r"slot = \$\d+", f"slot = :n % {SLOTS}", text)
        # the time of an offer is the same each time
        text = re.sub(r"offered_at < \$\d+", "TRUE", text)
        whole = re.sub(r"\$(\d+)", lambda found: literal(parameters[found[1]]), text)
        lines.append(" ".join(whole.split()) + ";")
    return "\n".join(lines) + "\n", variables


def pgbench(postgres, database, statements, ids, at_once, pool, folder):
    """Transactions a second, and the CPU of one in microseconds: of the server, and of what speaks to it. Locks are waited for."""
    statements = [(statement.replace("'50ms'", "'0'"), parameters) for statement, parameters in statements]
    path = folder + "/script.sql"
    text, variables = script(statements, ids)
    with open(path, "w") as out:
        out.write(text)
    os.chmod(path, 0o644)
    before, own = postgres.cpu(), children()
    arguments = ["-n", "-M", "prepared", "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "postgres", "-c", str(at_once), "-j", "2"]
    share = pool // at_once
    share -= (share - 1) % PROJECTS  # so that no two are at the same project while they are at the same step
    arguments += ["-D", "i=-1", "-D", f"share={share}", "-t", str(min(share, 4000)), "-f", path, database]
    arguments[0:0] = [option for text, name in variables.items() for option in ("-D", f"{name}={text}")]
    out = postgres.run("pgbench", *arguments)
    count = int(re.search(r"actually processed: (\d+)", out)[1])
    return float(re.search(r"tps = (\S+)", out)[1]), (postgres.cpu() - before + children() - own) * 1e6 / count


def library(path, statements, values, together, count):
    """The same by SQLite's C library on one thread: microseconds of time, and of CPU, of one; so many share a COMMIT."""
    database = sqlite3.connect(path, isolation_level=None, cached_statements=1000)
    for setting in ("journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY", "foreign_keys=ON"):
        database.execute("PRAGMA " + setting)
    begun, cpu = time.monotonic(), time.process_time()
    for n in range(count):
        if together and n % together == 0:
            database.execute("BEGIN IMMEDIATE")
        bound = values(n)
        for statement, parameters in statements:
            database.execute(statement, {key: bound.get(value, value) if isinstance(value, str) else value for key, value in parameters.items()}).fetchall()
        if together and n % together == together - 1:
            database.execute("COMMIT")
    if database.in_transaction:
        database.execute("COMMIT")
    took = ((time.monotonic() - begun) * 1e6 / count, (time.process_time() - cpu) * 1e6 / count)
    database.close()
    return took


def pieces(text, bound):
    """The statements of a text, each with what is bound to its numbers."""
    assert len(bound) == len(set(re.findall(r"\$(\d+)", text))), text
    return [(piece, {number: bound[int(number) - 1] for number in set(re.findall(r"\$(\d+)", piece))}) for piece in text.split(";")]


# ---- the parts ------------------------------------------------------------------------------------------------------

HEAD = f"{'':<34}{'at once':>8}{'per s':>9}{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>9}{'parts us':>10}{'of parts':>10}"


def row(name, at_once, figure, parts=None):
    """`of parts`: the rate, as a part of what the cores could do if all they did were the parts."""
    ratio = "" if parts is None else f"{parts:>10.0f}{figure.rate * parts / (CORES * 1e6):>10.2f}"
    refused = f"   {figure.refused} refused" if figure.refused else ""
    print(f"{name:<34}{at_once:>8}{figure.rate:>9.0f}{figure.p50:>9.2f}{figure.p99:>9.2f}{figure.cpu:>9.0f}{ratio}{refused}", flush=True)


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.program = limits()
        self.hash = float(subprocess.run([self.program, "hash"], capture_output=True, text=True, check=True).stdout)
        print(f"{CORES} cores; a hash under token: {self.hash:.0f} us of CPU, {CORES * 1e6 / self.hash:.0f} a second\n")
        self.seed = folder + "/seed.json"
        self.pool = sum(POOL.values())
        document(self.seed, BASE, self.pool)

    def handlers(self, service):
        """CPU of a bare handler by what it answers, in microseconds; asked by 64 at once."""
        answers = self.folder + "/answers"
        os.makedirs(answers, exist_ok=True)
        n = self.pool - 1  # which nobody else takes
        owner = {"X-Auth-Token": f"alice:{project(n)}"}
        bodies = {"page": service.ask("GET", PAGE), "show": service.ask("GET", f"/v3/base/volumes/{uid('b', 0)}")}
        bodies["write"] = service.ask("POST", f"/v3/{project(n)}/volume-transfers", {"transfer": {"volume_id": uid("v", n)}}, owner)
        for name, body in bodies.items():
            with open(f"{answers}/{name}", "wb") as out:
                out.write(body)
        with Handler(self.program, answers) as bare:
            figures = {}
            for name in bodies:
                method = "POST" if name == "write" else "GET"
                body = '{"transfer":{"volume_id":"c86b9af4-151d-4ead-b62c-5fb967af0e37"}}' if name == "write" else ""
                figures[name] = wrk(bare, method, again(f"base /{name} {body}"), 64, self.folder)
            return {name: figure.cpu for name, figure in figures.items()}

    def reads(self, name, service, parts, base=BASE, at_once=AT_ONCE):
        for count in at_once:
            row(f"{name}: health", count, wrk(service, "GET", again("base /health/live "), count, self.folder))
        for count in at_once:
            row(f"{name}: show", count, wrk(service, "GET", shows(20_000, base), count, self.folder), parts.get("show"))
        for count in at_once:
            row(f"{name}: page of 100", count, wrk(service, "GET", again(f"base {PAGE} "), count, self.folder), parts.get("page"))

    def writes(self, name, service, create, accept):
        for what, lines, parts in (("create", creates, create), ("accept", accepts, accept)):
            start = 0
            for count in AT_ONCE:
                figure = wrk(service, "POST", lines(start, POOL[count] - 1), count, self.folder)
                start += POOL[count]
                row(f"{name}: {what}", count, figure, parts)

    def postgres(self):
        postgres = Postgres(self.folder)
        try:
            postgres.sql("CREATE DATABASE h")
            load(postgres.url("h"), self.seed)
            for bare in ("create", "accept"):
                postgres.sql(f"CREATE DATABASE bare_{bare} TEMPLATE h")
            with Service(postgres.url("h"), postgres=postgres) as service:
                bare = self.handlers(service)
                last = self.pool - 2
                owner, taker = ({"X-Auth-Token": f"alice:{whose}{last % PROJECTS}"} for whose in "pq")
                done = {}

                def create():
                    body = {"transfer": {"volume_id": uid("v", last)}}
                    done["create"] = json.loads(service.ask("POST", f"/v3/{project(last)}/volume-transfers", body, owner))["transfer"]["id"]

                def accept():
                    body = {"accept": {"auth_key": f"{last:016x}"}}
                    service.ask("POST", f"/v3/q{last % PROJECTS}/volume-transfers/{uid('t', last)}/accept", body, taker)

                said_by = {"create": said(postgres, create), "accept": said(postgres, accept)}
                said_by["show"] = said(postgres, lambda: service.ask("GET", f"/v3/base/volumes/{uid('b', 0)}"))
                said_by["page"] = said(postgres, lambda: service.ask("GET", PAGE))
                md5 = "md5('{}' || :n)::uuid".format
                ids = {uid("v", last): md5("v"), uid("o", last): md5("o"), uid("t", last): md5("t"), done["create"]: md5("c")}
                rates = {}
                for what in ("create", "accept", "show", "page"):
                    known = dict(ids)
                    if acting := request_of(said_by[what]):
                        known[acting] = md5("r" + what)
                    if what in ("create", "accept"):
                        known.update({f"{whose}{last % PROJECTS}": f"('{whose}' || :n % {PROJECTS})" for whose in "pq"})
                    if what == "show":
                        known = {uid("b", 0): md5("b")}
                    database = "bare_" + what if what in ("create", "accept") else "h"
                    pool = self.pool - 64 if what != "show" else BASE
                    rates[what] = pgbench(postgres, database, said_by[what], known, CONNECTIONS, pool, self.folder)
                    print(f"pgbench: the {len(said_by[what])} statements of {what:<20}{CONNECTIONS:>4}{rates[what][0]:>9.0f}{'':>18}{rates[what][1]:>9.0f}", flush=True)
                parts = {name: rates[name][1] + bare[name] for name in ("show", "page")}
                self.reads("PostgreSQL", service, parts)
                self.writes("PostgreSQL", service, rates["create"][1] + self.hash + bare["write"], rates["accept"][1] + self.hash + bare["write"])
        finally:
            postgres.stop()

    def sqlite(self):
        path = self.folder + "/h.db"
        load("sqlite://" + path, self.seed)
        with Service("sqlite://" + path, log="info,handover::store=trace") as service:
            last = self.pool - 2
            owner = {"X-Auth-Token": f"alice:{project(last)}"}
            service.ask("POST", f"/v3/{project(last)}/volume-transfers", {"transfer": {"volume_id": uid("v", last)}}, owner)
            taker = {"X-Auth-Token": f"alice:q{last % PROJECTS}"}
            body = {"accept": {"auth_key": f"{last:016x}"}}
            service.ask("POST", f"/v3/q{last % PROJECTS}/volume-transfers/{uid('t', last)}/accept", body, taker)
            service.ask("GET", f"/v3/base/volumes/{uid('b', 0)}")
            service.ask("GET", PAGE)
        service.err.seek(0)
        texts = [json.loads(line)["sql"] for line in service.err if '"sql"' in line]
        text_of = lambda *words: next(text for text in texts if all(word in text for word in words))  # noqa: E731
        candidate = text_of("FROM volumes v\n")
        show = text_of("FROM volumes\n    WHERE id = $1", "json_array")
        page = text_of("group_concat", "FROM volumes")
        if sqlite3.sqlite_version_info < (3, 43):
            page = page.replace("octet_length", "length")
        key = "$argon2id$v=19$m=1024,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$" + "A" * 43
        now = 1_767_225_600_000_000
        # as the service binds them: volume, and what it is held to; transfer; act; count
        bound = [now, "VOLUME", "PROJECT", now, 0, "available", "postpaid", 0, 0, 0, "none", 0, 0, 0, 1, 1]
        bound += ["TRANSFER", "VOLUME", now, "PROJECT", "alice", "REQUEST", "volume-transfers", 0, 0, "pending", key]
        bound += ["VOLUME", "REQUEST", now, "evs:transfers:create", "volume", "VOLUME", "TRANSFER", "done", "[]", "PROJECT", "alice", "127.0.0.1"]
        bound += [3, 1, 0, 0, 0, 0]
        create = [(candidate, {"1": "VOLUME"}), *pieces(text_of("BEGIN IMMEDIATE;", "INTO transfers").split("IMMEDIATE;", 1)[1], bound)]
        # volume, and what it is held to; transfer; what both projects have, within the limits; act; count
        with contextlib.closing(sqlite3.connect(path)) as database:
            (offered,) = database.execute("SELECT updated_at FROM volumes WHERE id = ?", [uid("o", 0)]).fetchone()
        now = time.time_ns() // 1000
        bound = ["TAKER", "alice", now, "VOLUME", "PROJECT", offered, 0, "awaiting-transfer", "postpaid", 0, 0, 0, "none", 0, 0, 0, 1, 1]
        bound += ["VOLUME", "TRANSFER", "accepted", now, "TAKER", "alice", "REQUEST"]
        for whose, sign in (("PROJECT", -1), ("TAKER", 1)):
            bound += [whose, sign, sign, sign, max(sign, 0), -1, -1, -1]
        bound += ["VOLUME", "REQUEST", now, "evs:transfers:accept", "volume", "VOLUME", "TRANSFER", "done", "[]", "TAKER", "alice", "127.0.0.1"]
        bound += [3, -1, 1, 0, 0, 0]
        accept = [(text_of("FROM transfers\n    WHERE id = $1"), {"1": "TRANSFER"}), (candidate, {"1": "VOLUME"})]
        accept += pieces(text_of("BEGIN IMMEDIATE;", "auth_key_hash = NULL").split("IMMEDIATE;", 1)[1], bound)
        bare, parts = self.folder + "/bare.db", {}
        for what, statements, whose, name in (("create", create, "v", "c"), ("accept", accept, "o", "t")):
            values = lambda n: {"VOLUME": uid(whose, n), "PROJECT": project(n), "TAKER": f"q{n % PROJECTS}", "TRANSFER": uid(name, n), "REQUEST": uid("r", n)}  # noqa: B023, E731
            for together, count in ((1, 2_000), (64, 12_000)):
                shutil.copy(path, bare)
                took, parts[what] = library(bare, statements, values, together, count)
                how = f"{together} a COMMIT" if together > 1 else "a COMMIT each"
                print(f"{f'SQLite by C: {what}, {how}':<34}{1:>8}{1e6 / took:>9.0f}{'':>18}{parts[what]:>9.0f}")
        known = lambda n: {"VOLUME": uid("b", n)}  # noqa: E731
        numbers = {number: "base" for number in set(re.findall(r"\$(\d+)", page))}
        numbers.update({number: 101 for number in re.findall(r"LIMIT CAST\(\$(\d+)", page)} | {number: 0 for number in re.findall(r"OFFSET \$(\d+)", page)})
        selects = {"show": library(bare, [(show, {"1": "VOLUME"})], known, 0, 5_000), "page": library(bare, [(page, numbers)], known, 0, 1_000)}
        for what, (_, cpu) in selects.items():
            print(f"{'SQLite by C: ' + what:<34}{1:>8}{1e6 / cpu:>9.0f}{'':>18}{cpu:>9.0f}")
        with Service("sqlite://" + path) as service:
            handlers = self.handlers(service)
            self.reads("SQLite", service, {name: selects[name][1] + handlers[name] for name in selects})
            self.writes("SQLite", service, *(parts[what] + self.hash + handlers["write"] for what in ("create", "accept")))

    def million(self):
        path = self.folder + "/million.json"
        document(path, 1_000_000, 0)
        for name, url, postgres in self.engines("million"):
            took, memory = load(url, path)
            begun = time.monotonic()
            subprocess.run([HANDOVER, "export", "--database-url", url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            print(f"{name}: a million imported in {took:.0f} s with {memory:.0f} MiB, exported in {time.monotonic() - begun:.0f} s", flush=True)
            with Service(url, postgres=postgres) as service:
                self.reads(name + ", a million", service, {}, base=1_000_000, at_once=[16])

    def beside(self):
        path = self.folder + "/beside.json"
        document(path, 1_000_000, 0)
        for name, url, postgres in self.engines("beside"):
            load(url, self.seed)
            with Service(url, "--hash", "owasp", postgres=postgres) as service:
                hashing = threading.Thread(target=wrk, args=(None, "POST", creates(0, 20_000), 16, self.sub("other"), 8, service.address))
                hashing.start()
                time.sleep(2)
                row(f"{name}: show while all hash", 4, wrk(service, "GET", shows(), 4, self.folder))
                hashing.join()
                importing = threading.Thread(target=load, args=(url, path))
                importing.start()
                time.sleep(5)
                row(f"{name}: show during an import", 4, wrk(service, "GET", shows(), 4, self.folder, 8))
                importing.join()

    def overload(self):
        seed = self.folder + "/overload.json"
        document(seed, BASE, 140_000)
        for name, url, postgres in self.engines("overload"):
            load(url, seed)
            if postgres:  # what an import leaves to do is no part of it
                postgres.sql("VACUUM ANALYZE", "h")
                postgres.sql("CHECKPOINT")
            with Service(url, postgres=postgres) as service:
                best = wrk(service, "POST", creates(0, 14_000), 64, self.folder)
                row(f"{name}: create, at its best", 64, best)
                callers, first = 2_000, 14_000
                # so that four times the best rate is asked for: of four one waits for the 512 that the service is at, and three take 40 ms
                for pause in (max(1, round((callers - 512) * 1000 / (4 * best.rate)) - 30), 0):
                    with watched(service.address) as away:
                        over = wrk(service, "POST", creates(first, 60_000), callers, self.folder, pause=pause)
                    first += 60_000
                    done = over.rate - over.refused / SPAN
                    row(f"{name}: create, pause of {pause} ms", callers, over)
                    share = done / over.left / (best.rate / best.left)
                    print(f"{'':<34}{done:>17.0f} done a second, {done / best.rate:.2f} of its best, {share:.2f} by what wrk leaves of the cores;")
                    print(f"{'':<34}{over.rate / best.rate:>17.1f} times its best asked for; {service.memory():.0f} MiB at most;")
                    half, most = (away[int(len(away) * part)] if away else 0 for part in (0.5, 0.9))
                    print(f"{'':<34}{len(away):>17} others sent away, half of them in {half:.0f} ms, nine tenths in {most:.0f}", flush=True)
                idle = [socket.create_connection(service.address.split(":")) for _ in range(10_000)]
                for slow in idle[:500]:
                    slow.send(b"POST /v3/base/volumes HTTP/1.1\r\nHost: x\r\nContent-")
                row(f"{name}: show beside 10,000 idle", 16, wrk(service, "GET", shows(), 16, self.folder))
                print(f"{'':<34}{service.memory():>17.0f} MiB at most", flush=True)
                for one in idle:
                    one.close()

    def sub(self, name):
        os.makedirs(f"{self.folder}/{name}", exist_ok=True)
        return f"{self.folder}/{name}"

    def engines(self, name):
        folder = self.sub(name)
        yield "SQLite", f"sqlite://{folder}/h.db", None
        postgres = Postgres(folder)
        try:
            postgres.sql("CREATE DATABASE h")
            yield "PostgreSQL", postgres.url("h"), postgres
        finally:
            postgres.stop()


def request_of(statements):
    """The id of the request, which the act of a write has as its second parameter; none of a read."""
    for text, parameters in statements:
        if found := re.search(r"INTO acts \(target, request_id.*?VALUES \(\$\d+, \$(\d+)", text, re.S):
            return parameters[found[1]].strip("'")
    return None


def main():
    parts = sys.argv[1:] or ["sqlite", "postgres", "million", "beside", "overload"]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        os.chmod(folder, 0o755)
        bench = Bench(folder)
        for part in parts:
            print(f"\n{part}\n{HEAD}", flush=True)
            getattr(bench, part)()


main()
