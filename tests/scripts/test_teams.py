"""Teams on the command line, in real git repositories: joining, leaving, and merges of two sides' work."""

import contextlib
import json
import os
import pty
import shutil
import subprocess

import pytest

from tests.support.command_line import PROGRAM, Forks, kill_at

FIELD = ("config/prod.yaml", "db.password")
PLAIN = "db:\n  password: hunter2\n  host: h\napi:\n  token: t0k3n\n"
RULES = """\
  - files: ["config/*.yaml"]
    fields: ["**.password", "**.token"]
    group: prod
  - files: [".env"]
    group: dev
"""


class Team:
    """People with homes of their own, and one repository in which each runs commands."""

    def __init__(self, folder, forks):
        self.folder, self.forks = folder, forks
        self.root = folder / "repo"
        self.root.mkdir()

    def run(self, who, *args, status=0, stdin=b"", setup="", **environ):
        home = self.folder / who
        (home / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        places = {"HOME": home, "XDG_CONFIG_HOME": home / ".config", "XDG_RUNTIME_DIR": home / "run"}
        done = self.forks.run(*args, cwd=self.root, stdin=stdin, setup=setup, **{**places, **environ})
        assert status in (done.status, None), done.err
        return done

    def answer(self, who, answers, *args, status=0):
        """Run a command on a terminal where somebody types these answers; return what it shows."""
        home = self.folder / who
        environ = {**self.forks.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
        ours, theirs = pty.openpty()
        os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
        done = subprocess.run(
            [*PROGRAM, *args], cwd=self.root, env=environ, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while chunk := os.read(ours, 65536):
                shown += chunk
        os.close(ours)
        assert done.returncode == status, shown
        return shown.decode()

    def json(self, who, *args, **options):
        return json.loads(self.run(who, *args, "--json", **options).out)

    def git(self, *args, status=0):
        done = subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *args],
            cwd=self.root,
            env={**self.forks.environ, "HOME": str(self.folder)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def commit(self, message="work"):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def branch(self, name):
        self.git("checkout", "-q", "-b", name, "base")

    def merge(self, ours, theirs, *options):
        self.git("checkout", "-q", ours)
        self.git("merge", "-q", "--no-edit", *options, theirs)

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def read(self, name):
        return (self.root / name).read_text()

    def get(self, who, file=FIELD[0], field=FIELD[1]):
        return self.run(who, "get", file, field).out.decode().rstrip("\n")

    def epoch(self, group):
        shown = self.json("alice", "group", "show", group)
        return [each["epoch"] for each in shown["epochs"] if each["current"]]

    def members(self, group):
        return [each["member"] for each in self.json("alice", "group", "show", group)["members"]]


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    forks = Forks(tmp_path_factory.mktemp("forks"))
    yield forks
    forks.close()


@pytest.fixture(scope="module")
def founded(tmp_path_factory, forks):
    """alice, bob and carol share prod and dev; dave has an identity and is a member of nothing."""
    team = Team(tmp_path_factory.mktemp("team"), forks)
    team.git("init", "-q", "-b", "base")
    team.run("alice", "init", "--name", "alice", "--group", "dev", "--group", "prod", "--no-recovery")
    with open(team.root / ".sealring/policy.yaml", "a") as stream:
        stream.write(RULES)
    team.write("config/prod.yaml", PLAIN)
    team.write(".env", "KEY=v\n")
    team.run("alice", "encrypt")
    team.commit("found")
    for name in ("bob", "carol"):
        team.run(name, "join", name, "--group", "dev", "--group", "prod")
    team.run("dave", "identity", "new")
    dave = team.run("dave", "identity", "show").out.decode().strip()
    team.run("alice", "member", "add", "dave", "--recipient", dave)
    team.run("alice", "approve", "--yes")
    team.commit("team")
    return team


@pytest.fixture
def team(founded, forks, tmp_path):
    """A copy of the founded team, to do with as a test likes."""
    shutil.copytree(founded.folder, tmp_path / "team", symlinks=True)
    team = Team.__new__(Team)
    team.__dict__.update(folder=tmp_path / "team", forks=forks, root=tmp_path / "team" / "repo")
    return team


# Joining


def test_a_newcomer_joins_and_reads(team):
    done = team.run("erin", "join", "erin", "--group", "prod")
    assert "SHA256:" in done.err
    identity = team.folder / "erin/.config/sealring/identity.txt"
    assert identity.stat().st_mode & 0o777 == 0o600
    assert identity.parent.stat().st_mode & 0o777 == 0o700
    assert (team.root / ".sealring/requests/prod/erin.yaml").exists()
    team.run("erin", "get", *FIELD, status=11)
    team.run("bob", "approve", "erin", "--yes")
    assert team.get("erin") == "hunter2"
    assert not (team.root / ".sealring/requests/prod/erin.yaml").exists()


def test_letting_somebody_in_touches_no_sealed_file(team):
    team.run("bob", "grant", "prod", "dave", "--yes")
    changed = team.git("status", "--porcelain", "-uall").split()[1::2]
    assert sorted(os.path.basename(name) for name in changed) == ["dave.age", "dave.vouch"]


def test_approval_asks_and_nobody_there_to_answer_means_no(team):
    team.run("erin", "join", "erin", "--group", "prod")
    done = team.run("bob", "approve", status=2)
    assert "erin (person)" in done.err
    assert "--yes" in done.err
    assert "erin" not in team.members("prod")


def test_who_sits_at_a_terminal_is_asked_for_each_newcomer(team):
    for name in ("erin", "frank"):
        team.run(name, "join", name, "--group", "prod")
    shown = team.answer("bob", ["n", "y"], "approve", status=1)
    assert "Let erin read prod? [y/N]" in shown
    assert "Let frank read prod? [y/N]" in shown
    assert "SHA256:" in shown
    assert team.members("prod") == ["alice", "bob", "carol", "frank"]
    assert os.listdir(team.root / ".sealring/requests/prod") == ["erin.yaml"]


def test_a_request_for_a_group_that_one_does_not_hold_stays(team):
    team.run("bob", "revoke", "prod", "carol", "--yes")
    team.run("erin", "join", "erin", "--group", "prod", "--group", "dev")
    done = team.run("carol", "approve", "--yes", status=1)
    assert "alice, bob can run `sealring approve erin`" in done.err
    assert "erin" in team.members("dev")
    assert (team.root / ".sealring/requests/prod/erin.yaml").exists()


def test_a_request_that_was_granted_otherwise_is_deleted(team):
    team.run("erin", "join", "erin", "--group", "prod")
    team.run("alice", "grant", "prod", "erin", "--yes")
    assert "already" in team.run("bob", "approve").err
    assert not (team.root / ".sealring/requests/prod/erin.yaml").exists()


def test_nobody_joins_under_the_name_of_another(team):
    assert "with other keys" in team.run("erin", "join", "bob", "--group", "prod", status=2).err


def test_a_machine_gets_a_new_identity_on_standard_output_alone(team):
    done = team.run("alice", "member", "add", "ci", "--kind", "machine", "--generate")
    lines = done.out.decode().splitlines()
    assert lines[0] == "# sealring identity of ci"
    assert lines[2].startswith("# public key: age1")
    assert lines[3].startswith("AGE-SECRET-KEY-1")
    assert len(lines) == 4
    assert "AGE-SECRET-KEY" not in done.err
    assert lines[2].removeprefix("# public key: ") in team.read(".sealring/members/ci.yaml")
    assert not any("AGE-SECRET-KEY" in file.read_text() for file in team.root.rglob("ci.yaml"))
    team.run("alice", "grant", "prod", "ci", "--yes")
    assert team.run("ci", "get", *FIELD, SEALRING_IDENTITY=done.out.decode()).out == b"hunter2\n"


@pytest.mark.parametrize(
    ("output", "status"),
    [("r, w = os.pipe(); os.close(r)", 141), ("w = os.open('/dev/full', os.O_WRONLY)", 3)],
)
def test_a_machine_whose_identity_went_nowhere_is_not_made(team, output, status):
    replaced = "os.dup2(w, 1); sys.stdout = open(1, 'w', encoding='utf-8', closefd=False)"
    setup = f"import os, sys; {output}; {replaced}"
    team.run("alice", "member", "add", "ci", "--generate", setup=setup, status=status)
    assert not (team.root / ".sealring/members/ci.yaml").exists()


def test_a_post_quantum_machine(team):
    done = team.run("alice", "member", "add", "ci", "--generate", "--pq")
    assert b"# public key: age1pq1" in done.out
    team.run("alice", "grant", "prod", "ci", "--yes")
    assert team.run("ci", "get", *FIELD, SEALRING_IDENTITY=done.out.decode()).out == b"hunter2\n"


def test_members_from_the_keys_of_a_forge(team):
    keys = (
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA==\n"
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti\n"
    )
    done = team.run("alice", "member", "add", "erin", "--keys-file", "-", stdin=keys.encode())
    assert "passed over line 1" in done.err
    only = keys.splitlines()[0].encode()
    done = team.run("alice", "member", "add", "frank", "--keys-file", "-", stdin=only, status=11)
    assert "no key that can be used" in done.err


def test_a_private_key_is_not_taken_for_a_public_one(team, tmp_path):
    file = tmp_path / "id_ed25519"
    file.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n")
    done = team.run("alice", "member", "add", "erin", "--ssh-key", file, status=11)
    assert "private key" in done.err


# What is shown


def test_lists_say_who_is_where(team):
    listed = team.json("bob", "member", "list")
    assert [each["member"] for each in listed] == ["alice", "bob", "carol", "dave"]
    for group in team.json("x", "group", "list"):
        assert [each["member"] for each in group["members"]] == ["alice", "bob", "carol"]
    assert "bob (you)" in team.run("bob", "member", "list").out.decode()


def test_a_member_is_shown_with_how_they_belong(team):
    team.run("alice", "group", "create", "ops", "--include", "prod", "--yes")
    shown = team.run("alice", "member", "show", "bob").out.decode()
    assert "group ops (through prod)" in shown
    assert "SHA256:" in shown
    assert "bob (through prod)" in team.run("alice", "group", "show", "ops").out.decode()


@pytest.mark.parametrize(
    "words",
    [
        *(f"member {verb}" for verb in ("add", "list", "show", "remove", "add-key", "remove-key")),
        *(f"group {verb}" for verb in ("create", "list", "show", "delete")),
        *("grant", "revoke", "rotate", "join", "approve"),
    ],
)
def test_every_command_has_help_with_an_example(team, words):
    help_text = team.run("alice", *words.split(), "--help").out.decode()
    assert f"sealring {words}" in help_text.split("Usage:")[1].split("\n", 1)[1]


# Leaving


def test_a_holder_removes_a_member_from_values_and_all(team):
    before = team.read(FIELD[0])
    done = team.run("alice", "revoke", "prod", "bob", "--yes")
    assert "2 values sealed anew in 1 file" in done.err
    assert "merge or rebase" in done.err
    assert "change the values" in done.err
    team.run("bob", "get", *FIELD, status=11)
    assert team.get("carol") == "hunter2"
    team.write(FIELD[0], before)
    assert "somebody who left" in team.run("carol", "get", *FIELD, status=12).err


def test_somebody_without_keys_removes_a_member_and_a_holder_carries_it_out(team):
    done = team.run("dave", "revoke", "prod", "bob", "--yes")
    assert "alice, carol, bob can run `sealring rotate prod`" in done.err
    assert "must be rotated" in team.run("alice", "set", *FIELD, stdin=b"new", status=1).err
    assert team.json("alice", "rotate")["left_out"][0]["member"] == "bob"
    team.run("bob", "get", *FIELD, status=11)
    assert team.get("carol") == "hunter2"


def test_revoke_without_a_terminal_needs_yes(team):
    assert "--yes" in team.run("alice", "revoke", "prod", "bob", status=2).err
    assert "bob" in team.members("prod")


def test_one_can_leave_by_oneself(team):
    team.run("bob", "revoke", "prod", "bob", "--yes")
    team.run("bob", "get", *FIELD, status=11)
    assert team.get("alice") == "hunter2"


def test_the_last_member_cannot_be_removed(team):
    for name in ("bob", "carol"):
        team.run("alice", "revoke", "prod", name, "--yes")
    assert "nobody would be left" in team.run("alice", "revoke", "prod", "alice", "--yes", status=2).err
    assert team.members("prod") == ["alice"]


def test_a_removal_can_leave_the_rotation_to_later(team):
    team.run("alice", "revoke", "prod", "bob", "--yes", "--no-rotate")
    assert len(team.json("alice", "group", "show", "prod")["epochs"]) == 1
    team.run("carol", "rotate")
    assert team.members("prod") == ["alice", "carol"]


def test_a_removal_stands_though_its_rotation_is_refused(team):
    old = team.run("carol", "identity", "show").out.decode().strip()
    mallory = team.run("mallory", "identity", "new").out.decode().strip()
    file = ".sealring/members/carol.yaml"
    team.write(file, team.read(file).replace(old, mallory))
    done = team.run("alice", "revoke", "prod", "bob", "--yes", status=12)
    assert "the removal is written; the rotation is pending" in done.err
    assert "nothing was written" not in done.err
    team.write(file, team.read(file).replace(mallory, old))
    team.run("alice", "rotate")
    assert team.members("prod") == ["alice", "carol"]


def test_removing_a_member_takes_them_out_of_everything(team):
    done = team.run("alice", "member", "remove", "bob", "--yes")
    assert "3 values sealed anew in 2 files" in done.err
    assert "deleted member bob" in done.err
    assert not (team.root / ".sealring/members/bob.yaml").exists()
    team.run("bob", "get", *FIELD, status=11)
    assert team.get("carol", ".env", "KEY") == "v"


def test_a_member_stays_until_the_last_group_was_rotated(team):
    team.run("bob", "revoke", "prod", "alice", "--yes")
    done = team.run("alice", "member", "remove", "carol", "--yes")
    assert "stays until prod was rotated" in done.err
    assert (team.root / ".sealring/members/carol.yaml").exists()
    team.run("bob", "rotate")
    assert "deleted" in team.run("bob", "member", "remove", "carol", "--yes").err


def test_a_group_that_includes_another_is_rotated_with_it(team):
    team.run("alice", "group", "create", "ops", "--include", "prod", "--yes")
    done = team.json("alice", "revoke", "prod", "bob", "--yes")
    assert [each["group"] for each in done["epochs"]] == ["prod", "ops"]
    assert team.members("ops") == ["alice", "carol"]


def test_a_removal_of_who_comes_through_a_group_says_where(team):
    team.run("alice", "group", "create", "ops", "--include", "prod", "--yes")
    done = team.run("alice", "revoke", "ops", "bob", "--yes", status=2)
    assert "sealring revoke prod bob" in done.err


# Keys


def test_a_second_key_and_the_loss_of_the_first(team):
    first = team.run("bob", "identity", "show").out.decode().strip()
    laptop = team.run("laptop", "identity", "new").out.decode().strip()
    team.run("bob", "member", "add-key", "bob", laptop, "--yes")
    assert team.get("laptop") == team.get("bob") == "hunter2"
    done = team.run("laptop", "member", "remove-key", "bob", first)
    assert "`sealring rotate dev prod`" in done.err
    team.run("laptop", "rotate", "dev", "prod")
    team.run("bob", "get", *FIELD, status=11)
    assert team.get("laptop") == "hunter2"


def test_a_key_that_a_pusher_planted_is_shown_with_the_one_vouched_for(team):
    old = team.run("bob", "identity", "show").out.decode().strip()
    prints = [each["fingerprint"] for each in team.json("bob", "member", "show", "bob")["recipients"]]
    mallory = team.run("mallory", "identity", "new").out.decode().strip()
    team.write(".sealring/members/bob.yaml", team.read(".sealring/members/bob.yaml").replace(old, mallory))
    team.commit("innocent change")
    prints += [each["fingerprint"] for each in team.json("x", "member", "show", "bob")["recipients"]]
    epoch = team.epoch("prod")
    for words in (["rotate", "prod"], ["rotate", "prod", "--yes"]):
        done = team.run("alice", *words, status=12)
        assert all(fingerprint in done.err for fingerprint in prints)
    assert team.epoch("prod") == epoch
    team.run("mallory", "get", *FIELD, status=11)
    team.run("alice", "rotate", "prod", "--trust", "bob")
    assert team.epoch("prod") != epoch


@pytest.mark.parametrize(("answers", "status"), [(["y", "y"], 0), (["y", "n"], 2), (["n"], 2)])
def test_a_planted_key_is_asked_about_on_a_terminal(team, answers, status):
    old = team.run("bob", "identity", "show").out.decode().strip()
    mallory = team.run("mallory", "identity", "new").out.decode().strip()
    team.write(".sealring/members/bob.yaml", team.read(".sealring/members/bob.yaml").replace(old, mallory))
    before = team.epoch("prod")
    shown = team.answer("alice", answers, "rotate", "prod", status=status)
    assert "Start new epochs of prod" in shown
    assert ("Have you compared the fingerprints with bob?" in shown) == (len(answers) == 2)
    assert ("vouched for: SHA256:" in shown) == (len(answers) == 2)
    assert (team.epoch("prod") == before) == (status != 0)


def test_a_grant_of_other_keys_than_those_vouched_for_says_so_loudly(team):
    old = team.run("bob", "identity", "show").out.decode().strip()
    mallory = team.run("mallory", "identity", "new").out.decode().strip()
    team.write(".sealring/members/bob.yaml", team.read(".sealring/members/bob.yaml").replace(old, mallory))
    done = team.run("alice", "grant", "prod", "bob", status=2)
    assert "warning: .sealring/members/bob.yaml: bob has other keys" in done.err
    team.run("mallory", "get", *FIELD, status=11)


# Groups


def test_a_group_in_use_is_not_deleted(team):
    assert 'rule "config/*.yaml" seals' in team.run("alice", "group", "delete", "prod", status=2).err
    policy = team.read(".sealring/policy.yaml")
    team.write(".sealring/policy.yaml", policy.replace("group: prod", "group: dev"))
    assert "hold values" in team.run("alice", "group", "delete", "prod", status=2).err
    assert (team.root / ".sealring/groups/prod/group.yaml").exists()


def test_a_group_that_nothing_uses_is_deleted(team):
    team.run("alice", "group", "create", "ops")
    assert team.members("ops") == ["alice"]
    team.run("alice", "group", "delete", "ops")
    assert not (team.root / ".sealring/groups/ops").exists()
    assert team.git("status", "--porcelain") == ""


def test_a_new_group_with_others_asks_about_their_keys(team):
    team.run("alice", "group", "create", "ops", "--member", "alice", "--member", "bob", status=2)
    assert not (team.root / ".sealring/groups/ops").exists()
    team.run("alice", "group", "create", "ops", "--member", "alice", "--member", "bob", "--yes")
    assert team.members("ops") == ["alice", "bob"]


# Rotations


def test_a_rotation_reports_what_it_could_not_do_and_does_the_rest(team):
    sealed = team.read(FIELD[0])
    token = sealed.split("password: ")[1].split("\n")[0]
    flipped = token[:-5] + ("A" if token[-5] != "A" else "B") + token[-4:]
    team.write(FIELD[0], sealed.replace(token, flipped))
    done = team.run("alice", "rotate", "prod", status=12)
    assert "db.password cannot be trusted" in done.err
    assert "1 value sealed anew in 1 file" in done.err
    assert team.get("bob", FIELD[0], "api.token") == "t0k3n"


def test_values_that_the_policy_does_not_cover_any_more_are_rekeyed_too(team):
    policy = team.read(".sealring/policy.yaml")
    team.write(".sealring/policy.yaml", policy.replace('files: ["config/*.yaml"]', 'files: ["x"]'))
    assert team.json("alice", "revoke", "prod", "bob", "--yes")["files"] == [{"file": FIELD[0], "values": 2}]


def test_a_rotation_without_git_finds_the_files_by_itself(team):
    shutil.rmtree(team.root / ".git")
    assert team.json("alice", "rotate", "prod", "dev")["values"] == 3


@pytest.mark.parametrize("number", [4, 8, 11, 22, 40, 61, 64, 66, 68, 70, 72])
def test_a_removal_killed_at_any_write_is_finished_by_rotate(team, number):
    team.run("alice", "revoke", "prod", "bob", "--yes", setup=kill_at(number), status=None)
    team.run("alice", "rotate")
    assert team.get("carol") == "hunter2"
    if list(team.root.glob(".sealring/groups/prod/removed/bob@*.yaml")):
        assert team.members("prod") == ["alice", "carol"]
        team.run("bob", "get", *FIELD, status=11)
    assert "nothing was changed" in team.run("alice", "rotate").err


# Merges in plain git


def test_two_branches_that_each_let_somebody_in(team):
    erin = team.run("erin", "identity", "new").out.decode().strip()
    team.branch("one")
    team.run("alice", "grant", "prod", "dave", "--yes")
    team.commit()
    team.branch("two")
    team.run("bob", "member", "add", "erin", "--recipient", erin)
    team.run("bob", "grant", "prod", "erin", "--yes")
    team.commit()
    team.merge("one", "two")
    assert team.get("dave") == team.get("erin") == "hunter2"
    assert "nothing was changed" in team.run("alice", "rotate").err


def test_two_branches_that_each_remove_one(team):
    team.branch("one")
    team.run("alice", "revoke", "prod", "bob", "--yes")
    team.commit()
    team.branch("two")
    team.run("alice", "revoke", "prod", "carol", "--yes")
    team.commit()
    team.merge("one", "two", "-X", "ours")
    assert "two branches rotated it" in team.run("alice", "group", "show", "prod").err
    assert "must be rotated" in team.run("alice", "set", *FIELD, stdin=b"new", status=1).err
    team.run("alice", "rotate", "--accept-stale")
    assert team.members("prod") == ["alice"]
    assert team.get("alice") == "hunter2"
    for name in ("bob", "carol"):
        team.run(name, "get", *FIELD, status=11)
    assert "nothing was changed" in team.run("alice", "rotate").err


def test_a_rotation_on_one_branch_and_a_new_value_on_the_other(team):
    team.branch("one")
    team.run("alice", "rotate", "prod")
    team.commit()
    team.branch("two")
    team.write("config/other.yaml", "x:\n  password: late\n")
    team.run("bob", "encrypt", "config/other.yaml")
    team.commit()
    team.merge("one", "two")
    assert team.json("carol", "rotate")["files"] == [{"file": "config/other.yaml", "values": 1}]
    assert team.get("carol", "config/other.yaml", "x.password") == "late"


def test_a_removal_on_one_branch_and_a_new_value_on_the_other(team):
    """The value may be the leaver's, so somebody has to look; then nothing is lost."""
    team.branch("one")
    team.run("alice", "revoke", "prod", "bob", "--yes")
    team.commit()
    team.branch("two")
    team.write("config/other.yaml", "x:\n  password: late\n")
    team.run("carol", "encrypt", "config/other.yaml")
    team.commit()
    team.merge("one", "two")
    done = team.run("alice", "rotate", status=1)
    assert "config/other.yaml: x.password" in done.err
    shown = team.answer("alice", ["n"], "rotate", status=1)
    assert "Seal them anew?" in shown
    team.answer("alice", ["y"], "rotate")
    assert team.get("carol", "config/other.yaml", "x.password") == "late"


def test_a_rotation_on_one_branch_and_a_grant_on_the_other(team):
    team.branch("one")
    team.run("alice", "rotate", "prod")
    team.commit()
    team.branch("two")
    team.run("bob", "grant", "prod", "dave", "--yes")
    team.commit()
    team.merge("one", "two")
    team.run("dave", "get", *FIELD, status=11)
    assert "dave is to be added" in team.run("carol", "group", "show", "prod").err
    team.run("carol", "rotate")
    assert team.get("dave") == "hunter2"


def test_a_removal_by_an_outsider_on_one_branch_and_a_rotation_on_the_other(team):
    team.branch("one")
    team.run("dave", "revoke", "prod", "bob", "--yes")
    team.commit()
    team.branch("two")
    team.run("alice", "rotate", "prod")
    team.commit()
    team.merge("one", "two")
    assert "bob is to leave" in team.run("alice", "group", "show", "prod").err
    team.run("alice", "rotate")
    assert team.members("prod") == ["alice", "carol"]
    assert team.get("carol") == "hunter2"
    team.run("bob", "get", *FIELD, status=11)


def test_two_branches_that_each_rotate(team):
    team.branch("one")
    team.run("alice", "rotate", "prod")
    team.run("alice", "set", *FIELD, stdin=b"newer")
    team.commit()
    team.branch("two")
    team.run("bob", "rotate", "prod")
    team.commit()
    team.merge("one", "two", "-X", "ours")
    team.run("carol", "rotate")
    assert len(team.epoch("prod")) == 1
    assert team.get("bob") == "newer"
    assert team.members("prod") == ["alice", "bob", "carol"]


def test_conflict_markers_in_one_file_leave_the_others_to_be_mended(team):
    team.write("config/other.yaml", "x:\n  password: late\n")
    team.run("alice", "encrypt")
    team.commit()
    for name, who in (("one", "alice"), ("two", "bob")):
        team.branch(name)
        team.run(who, "rotate", "prod")
        team.git("checkout", "-q", "HEAD", "--", "config/other.yaml" if name == "two" else ".env")
        team.commit()
    team.git("checkout", "-q", "one")
    team.git("merge", "-q", "two", status=1)
    assert "<<<<<<<" in team.read(FIELD[0])
    done = team.run("alice", "rotate", status=3)
    assert FIELD[0] in done.err
    assert team.get("carol", "config/other.yaml", "x.password") == "late"
