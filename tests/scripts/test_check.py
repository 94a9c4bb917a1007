"""`sealring check` in real git repositories."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from sealring.audit.check import check
from sealring.cli.check_states import States
from sealring.cli.ui import Ui
from sealring.git.objects import ObjectReader
from tests.support.command_line import PROGRAM, Forks
from tests.support.repositories import NOW_S, Repository, identity_of, member_of

RULES = """rules:
  - name: prod
    files: ["config/*.yaml"]
    fields: ["**.password", "**.token"]
    group: prod
"""
PLAIN = "db:\n  password: hunter2\n  host: db.example.org\napi:\n  token: s3cret\n"


class Repo:
    """A git repository with members alice and bob in prod, whose sealring acts as alice."""

    def __init__(self, folder, forks, *git_options, below=""):
        self.forks = forks
        self.top = folder / "repo"
        self.git("init", "-q", "-b", "main", *git_options, str(self.top), cwd=folder)
        self.ring = Repository(self.top / below, RULES, groups={"prod": ("alice", "bob")})
        self.root = Path(self.ring.root)
        self.write(".gitattributes", ".sealring/** -text\n")
        self.stderr = ""

    def git(self, *words, cwd=None, **environ):
        settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "merge.conflictStyle=merge"]
        done = subprocess.run(
            ["git", *settings, *words],
            cwd=cwd or self.root,
            env={**self.forks.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        self.git_status = done.returncode
        self.git_stderr = done.stderr
        return done.stdout

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def __call__(self, *words, status=0, cwd=None, who="alice", stdin=b""):
        secret = identity_of(who).text() if who else None
        done = self.forks.run(*words, cwd=cwd or self.root, SEALRING_IDENTITY=secret, stdin=stdin)
        self.stderr = done.err
        assert done.status == status, (words, done)
        return done.out.decode("utf-8", "surrogateescape")

    def check(self, *words, status=0, cwd=None):
        """Check without any identity; return (rule, file, line) of all findings but infos."""
        data = json.loads(self("check", "--json", *words, status=status, cwd=cwd, who=None))
        self.report = data
        return [
            (each["rule"], each["file"], each["line"]) for each in data["findings"] if each["severity"] != "info"
        ]

    def commit(self, message="x"):
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "-m", message)
        assert self.git_status == 0, self.git_stderr
        return self.git("rev-parse", "HEAD").strip()

    def seal(self, name="config/prod.yaml", text=PLAIN):
        self.write(name, text)
        self("encrypt", name)


@pytest.fixture(scope="module")
def forks(tmp_path_factory):
    started = Forks(tmp_path_factory.mktemp("forks"))
    yield started
    started.close()


@pytest.fixture
def repo(tmp_path, forks):
    return Repo(tmp_path, forks)


@pytest.fixture
def sealed(repo):
    repo.seal()
    repo.commit()
    return repo


# States


def test_plaintext_fails_with_one_command_that_helps_and_without_its_value(repo):
    repo.write("config/prod.yaml", PLAIN)
    out = repo("check", status=1, who=None)
    assert "sealring: error: config/prod.yaml:2: db.password is plaintext" in out
    assert out.count("hint") == 1
    assert "`sealring encrypt config/prod.yaml && git add config/prod.yaml`" in out
    assert "hunter2" not in out + repo.stderr


def test_the_index_counts_for_staged_whatever_is_on_disk(sealed):
    good = sealed.read("config/prod.yaml")
    sealed.write("config/prod.yaml", PLAIN)
    assert sealed.check("--staged") == []
    assert ("plaintext", "config/prod.yaml", 2) in sealed.check(status=1)
    sealed.git("add", "-A")
    sealed.write("config/prod.yaml", good)
    assert ("plaintext", "config/prod.yaml", 2) in sealed.check("--staged", status=1)
    assert sealed.check() == []


def test_staged_looks_at_what_the_commit_changes_and_at_all_if_that_is_the_policy(sealed):
    sealed.write("config/old.yaml", "password: plain\n")
    sealed.commit()
    sealed.write("config/prod.yaml", sealed.read("config/prod.yaml") + "# more\n")
    sealed.git("add", "-A")
    assert sealed.check("--staged") == []
    assert sealed.report["files"] == 1
    sealed.write(".sealring/policy.yaml", sealed.read(".sealring/policy.yaml") + "# more\n")
    sealed.git("add", "-A")
    assert sealed.check("--staged", status=1) == [("plaintext", "config/old.yaml", 1)]


def test_named_files_are_checked_in_the_index_also_if_nothing_is_staged(sealed):
    sealed.write("config/old.yaml", "password: plain\n")
    sealed.commit()
    assert sealed.check("--staged") == []
    assert sealed.check("--staged", "config/old.yaml", status=1) == [("plaintext", "config/old.yaml", 1)]
    assert sealed.check("--staged", "config/prod.yaml") == []
    sealed("check", "confg/prod.yaml", status=2)


def test_the_policy_of_a_state_is_read_from_that_state(sealed):
    sealed.ring.set_rules(RULES.replace('"**.token"', '"**.token", "**.host"'))
    assert sealed.check("--rev", "HEAD") == []
    assert ("plaintext", "config/prod.yaml", 3) in sealed.check(status=1)
    assert sealed.check("--staged") == []
    sealed.git("add", "-A")
    assert ("plaintext", "config/prod.yaml", 3) in sealed.check("--staged", status=1)


def test_the_policy_on_disk_guards_until_one_is_in_the_index(repo):
    repo.write("config/prod.yaml", PLAIN)
    repo.git("add", "config")
    assert ("plaintext", "config/prod.yaml", 2) in repo.check("--staged", status=1)
    assert "git add .sealring" in repo.stderr


def test_a_deleted_file_is_not_missed_and_no_finding(sealed):
    sealed.git("rm", "-q", "config/prod.yaml")
    assert sealed.check("--staged") == []


def test_ignored_files_may_be_plain_and_tracked_ones_not(sealed):
    sealed.write(".gitignore", "config/local.yaml\n")
    sealed.write("config/local.yaml", PLAIN)
    assert sealed.check() == []
    sealed.git("add", "-f", "config/local.yaml")
    assert ("plaintext", "config/local.yaml", 2) in sealed.check(status=1)


@pytest.mark.parametrize(
    "name",
    ["config/a b.yaml", "config/-x.yaml", "config/ü.yaml", "config/new\nline.yaml", 'config/"q".yaml', "config/\x01:.yaml"],
)
def test_names_may_be_exotic(sealed, name):
    sealed.write(name, "password: plain\n")
    sealed.git("add", "-A")
    for words in (["--staged"], []):
        assert sealed.check(*words, status=1) == [("plaintext", name, 1)]
    sealed.commit("exotic")
    for words in (["--rev", "HEAD"], ["--range", "HEAD~1..HEAD"]):
        assert {file for _rule, file, _line in sealed.check(*words, status=1)} == {name}
    lines = sealed("check", status=1, who=None).splitlines()
    assert all(line.startswith("sealring: ") for line in lines)


def test_a_name_that_is_not_utf8_is_checked(sealed):
    name = os.fsencode(sealed.root) + b"/config/\xff.yaml"
    with open(name, "wb") as stream:
        stream.write(b"password: plain\n")
    sealed.git("add", "-A")
    for form in ("text", "json", "sarif", "github", "markdown"):
        assert "plaintext" in sealed("check", "--staged", "--format", form, status=1, who=None)


def test_links_submodules_and_repositories_below_are_passed_over(sealed, tmp_path, forks):
    (tmp_path / "inner").mkdir()
    inner = Repo(tmp_path / "inner", forks)
    inner.write("config/prod.yaml", PLAIN)
    inner.commit()
    sealed.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.top), "config/sub.yaml")
    assert sealed.git_status == 0, sealed.git_stderr
    sealed.write("elsewhere.yaml", PLAIN)
    (sealed.root / "config" / "link.yaml").symlink_to("../elsewhere.yaml")
    sealed.ring.set_rules(RULES.replace("config/*.yaml", "config/**"))
    Repository(sealed.root / "config/vendored", RULES, groups={"prod": ("alice", "bob")})
    sealed.write("config/vendored/config/prod.yaml", PLAIN)
    sealed.git("add", "-A")
    assert sealed.check() == []
    assert sealed.check("--staged") == []
    sealed.commit()
    assert sealed.check("--rev", "HEAD") == []


def test_a_repository_with_sha256_is_checked(tmp_path, forks):
    repo = Repo(tmp_path, forks, "--object-format=sha256")
    repo.seal()
    repo.commit()
    repo.write("config/b.yaml", "token: plain\n")
    repo.git("add", "-A")
    assert repo.check("--staged", status=1) == [("plaintext", "config/b.yaml", 1)]
    repo.commit()
    words = ("--rev", "HEAD", "--base", "HEAD~1", "--range", "HEAD~1..HEAD")
    assert repo.check(*words[:4], status=1) == [("plaintext", "config/b.yaml", 1)]
    assert len(repo.check(*words[2:], status=1)) == 2


def test_a_bare_repository_can_be_checked(sealed, tmp_path):
    sealed.write("config/b.yaml", "token: plain\n")
    sealed.commit()
    bare = tmp_path / "bare.git"
    sealed.git("clone", "-q", "--bare", str(sealed.root), str(bare))
    assert sealed.check("--rev", "main", status=1, cwd=bare) == [("plaintext", "config/b.yaml", 1)]
    assert sealed.check("--rev", "main~1", "--base", "main~1", cwd=bare) == []
    sealed("check", status=3, cwd=bare)


def test_a_repository_below_the_top_of_git_is_checked_alone(tmp_path, forks):
    repo = Repo(tmp_path, forks, below="services/pay")
    repo.seal()
    (repo.top / "config").mkdir()
    (repo.top / "config" / "prod.yaml").write_text(PLAIN)
    repo.git("add", "-A", cwd=repo.top)
    assert repo.check("--staged") == []
    repo.commit()
    repo.write("config/b.yaml", "token: plain\n")
    repo.git("add", "-A", cwd=repo.top)
    assert repo.check("--staged", status=1) == [("plaintext", "config/b.yaml", 1)]
    out = repo("check", "--staged", "--format", "github", status=1, who=None)
    assert "file=services/pay/config/b.yaml,line=1" in out
    repo.commit()
    assert repo.check("--range", "HEAD~1..HEAD", status=1)[0][1] == "config/b.yaml"


def test_it_works_without_git(tmp_path, forks):
    ring = Repository(tmp_path, RULES, groups={"prod": ("alice", "bob")})
    (tmp_path / "config").mkdir()
    Path(ring.path("config/a.yaml")).write_text("password: x\n")
    done = forks.run("check", cwd=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert done.status == 1
    assert b"`sealring encrypt config/a.yaml`" in done.out
    assert b"git" not in done.out


# Merges


def test_a_file_in_conflict_is_found_in_the_index_and_on_disk(sealed):
    sealed.git("checkout", "-q", "-b", "side")
    sealed("set", "config/prod.yaml", "db.password", "--file", "-", status=0, stdin=b"another")
    sealed.commit()
    sealed.git("checkout", "-q", "main")
    sealed.write("config/prod.yaml", sealed.read("config/prod.yaml").replace("password: ", "password:  "))
    sealed.commit()
    sealed.git("merge", "-q", "side")
    assert sealed.git_status == 1
    rules = {rule for rule, _file, _line in sealed.check(status=1)}
    assert rules == {"conflict-markers"}
    assert ("conflict-markers", "config/prod.yaml", None) in sealed.check("--staged", status=1)


def test_a_clean_merge_of_a_rotation_and_an_edit_leaves_a_stale_value_that_fix_mends(sealed):
    sealed.seal("config/b.yaml", "token: one\n")
    sealed.commit()
    sealed.git("checkout", "-q", "-b", "side")
    sealed.seal("config/c.yaml", "token: two\n")
    sealed.commit()
    sealed.git("checkout", "-q", "main")
    sealed.ring.rotate("prod")
    sealed("check", "--fix")
    sealed.commit()
    assert sealed.check() == []
    sealed.git("merge", "-q", "side", "-m", "m")
    assert sealed.git_status == 0
    assert sealed.check("--rev", "HEAD", status=1) == [("stale-epoch", "config/c.yaml", 1)]
    sealed("check", "--fix")
    assert "config/c.yaml: 1 value rekeyed" in sealed.stderr
    assert sealed.check() == []
    assert sealed("get", "config/c.yaml", "token") == "two\n"


def test_a_value_under_a_key_that_a_merge_renamed_is_mended_and_not_without_a_merge(sealed):
    spread = "db:\n  password: hunter2\n  host: h\n  a: 1\n  b: 2\n  c: 3\n  d: 4\n"
    sealed.seal("config/prod.yaml", spread)
    sealed.commit()
    sealed.git("checkout", "-q", "-b", "side")
    sealed.write("config/prod.yaml", sealed.read("config/prod.yaml") + "  token: new\n")
    sealed("encrypt")
    sealed.commit()
    sealed.git("checkout", "-q", "main")
    text = sealed("decrypt", "config/prod.yaml").replace("db:", "database:")
    sealed.write("config/prod.yaml", text)
    sealed("encrypt")
    sealed.commit()
    sealed.git("merge", "-q", "side", "-m", "m")
    assert sealed.git_status == 0
    merged = sealed.read("config/prod.yaml")
    assert merged.startswith("database:")
    assert sealed.check() == []  # nobody can see it without keys
    sealed("get", "config/prod.yaml", "database.token", status=12)
    sealed("check", "--fix")
    assert "database.token resealed" in sealed.stderr
    assert sealed("get", "config/prod.yaml", "database.token") == "new\n"
    # The same move, made by hand in a commit of its own, is not laundered.
    moved = sealed.read("config/prod.yaml").replace("database:", "motd:")
    sealed.write("config/prod.yaml", moved)
    sealed.commit()
    sealed("check", "--fix")
    assert sealed.read("config/prod.yaml") == moved


# --fix


def test_fix_seals_plaintext_and_says_so(repo):
    repo.write("config/prod.yaml", PLAIN)
    repo("check", "--fix")
    assert "config/prod.yaml: 2 values sealed" in repo.stderr
    assert repo("get", "config/prod.yaml", "db.password") == "hunter2\n"
    assert repo.check() == []


@pytest.mark.parametrize("committed", [False, True])
def test_fix_reseals_after_a_rename_that_git_knows(sealed, committed):
    before = sealed.read("config/prod.yaml")
    sealed.git("mv", "config/prod.yaml", "config/live.yaml")
    if committed:
        sealed.commit()
    assert {rule for rule, _file, _line in sealed.check(status=1)} == {"foreign-token"}
    sealed("check", "--fix")
    assert "config/live.yaml: 2 values resealed, as the file was config/prod.yaml" in sealed.stderr
    assert sealed("get", "config/live.yaml", "db.password") == "hunter2\n"
    assert before.split(",")[3] == sealed.read("config/live.yaml").split(",")[3]  # its set time


def test_fix_does_not_take_over_values_that_were_copied(sealed):
    stolen = sealed.read("config/prod.yaml")
    sealed.write("config/stolen.yaml", stolen)
    sealed.commit()
    sealed("check", "--fix", status=1)
    assert sealed.read("config/stolen.yaml") == stolen


def test_fix_leaves_values_that_a_leaver_can_have_made(sealed):
    sealed.ring.remove("prod", "bob")
    old = sealed.read("config/prod.yaml")
    out = sealed("check", "--fix", status=1)
    assert "[retired-epoch]" in out
    assert sealed.read("config/prod.yaml") == old


def test_fix_without_a_key_says_so_and_changes_nothing(sealed):
    sealed.write("config/b.yaml", "password: plain\n")
    sealed("check", "--fix", status=1, who="mallory")
    assert "closed to you" in sealed.stderr
    assert sealed.read("config/b.yaml") == "password: plain\n"


def test_fix_goes_with_the_working_tree_alone(sealed):
    for words in (["--staged"], ["--rev", "HEAD"], ["--range", "HEAD..HEAD"]):
        sealed("check", "--fix", *words, status=2)


# A change


def test_a_change_cannot_excuse_itself_by_its_own_policy(sealed):
    sealed.git("checkout", "-q", "-b", "change")
    sealed.ring.set_rules(RULES.replace('"**.password", ', ""))
    text = sealed.read("config/prod.yaml")
    sealed.write("config/prod.yaml", "db:\n  password: hunter2\n" + text.split("\n", 2)[2])
    sealed.commit()
    assert sealed.check("--rev", "HEAD") == []
    found = sealed.check("--rev", "HEAD", "--base", "main", status=1)
    assert found == [("no-longer-sealed", "config/prod.yaml", 2)]
    assert 'rule "prod" no longer covers config/prod.yaml: db.password' in sealed.report["change"]
    assert "config/prod.yaml: db.password plaintext now" in sealed.report["change"]


def test_a_branch_from_before_the_policy_is_judged_by_the_base_as_it_is_now(tmp_path, forks):
    repo = Repo(tmp_path, forks)
    repo.write("README", "x\n")
    repo.git("add", "README")
    repo.git("commit", "-q", "-m", "first")
    repo.seal()
    repo.commit()
    repo.git("checkout", "-q", "-b", "change", "main~1")
    repo.git("checkout", "main", "--", ".sealring", ".gitattributes")
    repo.ring.set_rules("rules: []\n")
    repo.write("config/prod.yaml", PLAIN)
    repo.commit()
    found = repo.check("--rev", "HEAD", "--base", "main", status=1)
    assert ("no-longer-sealed", "config/prod.yaml", 2) in found


def test_the_meaning_of_a_change_in_words(sealed):
    sealed.git("checkout", "-q", "-b", "change")
    sealed("set", "config/prod.yaml", "db.password", stdin=b"another")
    sealed.seal("config/b.yaml", "token: one\n")
    sealed.ring.grant("prod", "mallory")
    sealed.commit()
    assert sealed.check("--rev", "HEAD", "--base", "main") == []
    words = sealed.report["change"]
    assert "mallory gains 3 values (group prod)" in words
    assert "config/prod.yaml: db.password changed" in words
    assert "config/b.yaml: token added" in words
    assert any(each.startswith("member mallory is new: ") for each in words)


def test_a_removal_means_that_somebody_loses_values(sealed):
    sealed.ring.remove("prod", "bob")
    sealed.commit()
    sealed.check("--rev", "HEAD", "--base", "HEAD~1", status=1)
    words = set(sealed.report["change"])
    assert "bob loses 2 values (group prod)" in words
    assert any(each.startswith("group prod was rotated from 1.") for each in words)


def test_a_rename_with_its_values_is_no_deletion(sealed):
    sealed.git("mv", "config/prod.yaml", "config/live.yaml")
    sealed("check", "--fix")
    sealed.commit()
    sealed.check("--rev", "HEAD", "--base", "HEAD~1")
    assert sealed.report["change"] == ["config/live.yaml: 2 only rekeyed"]


def test_an_old_value_that_was_put_back_is_told(sealed):
    old = sealed.read("config/prod.yaml")
    sealed("set", "config/prod.yaml", "db.password", stdin=b"another")
    sealed.commit()
    sealed.write("config/prod.yaml", old)
    sealed.commit()
    assert sealed.check("--rev", "HEAD", "--base", "HEAD~1") == [("time-went-back", "config/prod.yaml", 2)]
    assert "config/prod.yaml: set time of db.password went backwards" in sealed.report["change"]
    sealed.check("--rev", "HEAD", "--base", "HEAD~1", "--strict", status=1)


def test_a_change_of_the_record_fails_and_new_keys_of_a_member_do_not(sealed):
    epoch = sealed.root / sealed.git("ls-files", "*/epoch.yaml").strip()
    kept = epoch.read_text()
    (epoch.parent / "bob.age").unlink()
    (epoch.parent / "bob.vouch").unlink()
    found = sealed.check("--base", "HEAD", status=1)
    assert [rule for rule, _file, _line in found] == ["changed-record"] * 2 + ["single-reader"]
    assert any(each.startswith("bob loses 2 values") for each in sealed.report["change"])
    sealed.git("checkout", "--", ".")
    epoch.write_text(kept + "# edited\n")
    assert [rule for rule, *_ in sealed.check("--base", "HEAD", status=1)] == ["changed-record"]
    epoch.write_text(kept)
    from sealring.keyring.change import Holder, wrap_files

    sealed.ring.write_all(wrap_files(sealed.ring.root_secret(), Holder(member_of("bob"))))
    (epoch.parent / "bob.vouch").write_text((epoch.parent / "bob.vouch").read_text() + "# new\n")
    assert sealed.check("--base", "HEAD") == []


def test_plaintext_in_a_commit_between_is_found_though_the_last_one_seals_it(sealed):
    start = sealed.git("rev-parse", "HEAD").strip()
    sealed.write("config/b.yaml", "token: leaked\n")
    leak = sealed.commit()
    sealed("encrypt")
    sealed.commit()
    assert sealed.check("--rev", "HEAD") == []
    for words in (["--range", f"{start}..HEAD"], ["--range", f"{start}.."], ["--history"]):
        assert sealed.check(*words, status=1) == [("plaintext-in-history", "config/b.yaml", 1)]
        assert leak[:12] in sealed.report["findings"][0]["message"]
    assert sealed.check("--range", "HEAD~1..HEAD") == []


def test_commits_between_are_judged_by_the_policy_of_the_base_too(sealed):
    sealed.git("checkout", "-q", "-b", "change")
    sealed.ring.set_rules(RULES.replace('"**.password", ', ""))
    sealed.write("config/b.yaml", "password: leaked\n")
    sealed.commit()
    sealed.git("rm", "-q", "config/b.yaml")
    sealed.commit()
    assert sealed.check("--range", "main..HEAD") == []
    found = sealed.check("--range", "main..HEAD", "--base", "main", status=1)
    assert ("plaintext-in-history", "config/b.yaml", 1) in found


def test_what_is_no_range_is_refused(sealed):
    for span in ("HEAD", "--output=x..HEAD", "-x"):
        sealed("check", f"--range={span}", status=2)
    assert not (sealed.root / "x..HEAD").exists()


def test_history_looks_at_branches_that_were_merged_away(sealed):
    sealed.git("checkout", "-q", "-b", "leak")
    sealed.write("config/b.yaml", "token: leaked\n")
    sealed.commit()
    sealed.git("checkout", "-q", "main")
    sealed.git("merge", "-q", "-s", "ours", "-m", "m", "leak")
    assert sealed.check("--history", status=1) == [("plaintext-in-history", "config/b.yaml", 1)]


def test_plaintext_that_a_merge_itself_adds_is_found(sealed):
    sealed.git("checkout", "-q", "-b", "side")
    sealed.write("x", "x")
    sealed.commit()
    sealed.git("checkout", "-q", "main")
    sealed.write("y", "y")
    sealed.commit()
    sealed.git("merge", "-q", "--no-commit", "side")
    sealed.write("config/b.yaml", "token: leaked\n")
    sealed.commit()
    sealed("encrypt")
    sealed.commit()
    assert sealed.check("--range", "HEAD~2..HEAD", status=1) == [("plaintext-in-history", "config/b.yaml", 1)]


def test_an_unknown_commit_is_a_git_error_and_a_shallow_clone_is_told(sealed, tmp_path):
    sealed("check", "--rev", "nowhere", status=13)
    sealed("check", "--base", "--output=x", status=13)
    sealed.commit_again = sealed.git("commit", "-q", "--allow-empty", "-m", "y")
    shallow = tmp_path / "shallow"
    sealed.git("clone", "-q", "--depth", "1", f"file://{sealed.root}", str(shallow))
    sealed.check("--history", cwd=shallow)
    assert "shallow" in sealed.stderr


# Hooks


def install(repo, hook, words):
    program = repo.root / ".git" / "sealring"
    program.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in PROGRAM) + ' "$@"\n')
    program.chmod(0o755)
    file = repo.top / ".git" / "hooks" / hook
    file.write_text(f"#!/bin/sh\nexec '{program}' {words}\n")
    file.chmod(0o755)


def test_the_hook_stops_a_commit_and_its_hint_mends_it(sealed):
    install(sealed, "pre-commit", "check --staged")
    sealed.write("config/b.yaml", "token: plain\n")
    sealed.git("add", "-A")
    sealed.git("commit", "-q", "-m", "b")
    assert sealed.git_status == 1
    assert "config/b.yaml:1: token is plaintext" in sealed.git_stderr
    sealed("encrypt", "config/b.yaml")
    sealed.git("commit", "-q", "-m", "b")
    assert sealed.git_status == 1  # not added yet
    sealed.git("add", "config/b.yaml")
    sealed.git("commit", "-q", "-m", "b")
    assert sealed.git_status == 0


def test_the_hook_sees_the_index_of_its_own_commit(sealed):
    install(sealed, "pre-commit", "check --staged")
    sealed.seal("config/b.yaml", "token: plain\n")
    sealed.commit()
    sealed.write("config/b.yaml", "token: plain\n")
    sealed.git("commit", "-q", "-m", "b", "-a")
    assert sealed.git_status == 1
    sealed.git("commit", "-q", "-m", "b", "--", "config/b.yaml")
    assert sealed.git_status == 1
    sealed.write("x", "x")
    sealed.git("add", "x")
    sealed.git("commit", "-q", "-m", "x", "--", "x")
    assert sealed.git_status == 0


def test_the_hook_works_in_a_linked_worktree_below_the_top(tmp_path, forks):
    repo = Repo(tmp_path, forks, below="services/pay")
    repo.seal()
    repo.commit()
    program = " ".join(f"'{word}'" for word in PROGRAM)
    hook = repo.top / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\ncd services/pay && exec {program} check --staged\n")
    hook.chmod(0o755)
    linked = tmp_path / "linked"
    repo.git("worktree", "add", "-q", str(linked), "-b", "other")
    (linked / "services/pay/config/b.yaml").write_text("token: plain\n")
    repo.git("add", "-A", cwd=linked)
    repo.git("commit", "-q", "-m", "b", cwd=linked)
    assert repo.git_status == 1
    assert "config/b.yaml:1: token is plaintext" in repo.git_stderr
    repo("encrypt", cwd=linked / "services/pay")
    repo.git("add", "-A", cwd=linked)
    repo.git("commit", "-q", "-m", "b", cwd=linked)
    assert repo.git_status == 0, repo.git_stderr


def test_a_server_refuses_a_push_before_it_takes_it(sealed, tmp_path):
    bare = tmp_path / "bare.git"
    sealed.git("clone", "-q", "--bare", str(sealed.root), str(bare))
    program = " ".join(f"'{word}'" for word in PROGRAM)
    hook = bare / "hooks" / "pre-receive"
    hook.write_text(f'#!/bin/sh\nwhile read -r old new name; do {program} check --rev "$new" || exit 1; done\n')
    hook.chmod(0o755)
    sealed.write("config/b.yaml", "token: plain\n")
    sealed.commit()
    sealed.git("push", "-q", str(bare), "main")
    assert sealed.git_status == 1
    assert "token is plaintext" in sealed.git_stderr
    sealed("encrypt")
    sealed.commit()
    sealed.git("push", "-q", str(bare), "main")
    assert sealed.git_status == 0, sealed.git_stderr


# Forms


def test_sarif_names_a_rule_and_a_place_for_each_result(repo):
    repo.write("config/prod.yaml", PLAIN)
    log = json.loads(repo("check", "--format", "sarif", status=1, who=None))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert log["version"] == "2.1.0"
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"] == "plaintext"
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "config/prod.yaml"
    assert len({result["partialFingerprints"]["place/v1"] for result in run["results"]}) == 2


def test_a_hostile_name_breaks_out_of_no_form(sealed):
    name = "config/x%0A::set-output name=a,b::[@bob](http:/|`x`<img>\n::error::.yaml".replace("/|", "|")
    name = name.replace("http:", "h")
    sealed.write(name, '"a|b @c\\n::warning::<script>":\n  password: plain\n')
    sealed.git("add", "-A")
    github = sealed("check", "--staged", "--format", "github", status=1, who=None)
    assert all(line.startswith(("::error file=config/x%250A%3A%3A", "::notice")) for line in github.splitlines())
    markdown = sealed("check", "--staged", "--format", "markdown", status=1, who=None)
    (row,) = [line for line in markdown.splitlines() if line.startswith("| error")]
    outside = "".join(row.replace("\\|", "").split("`")[::2])
    assert row.replace("\\|", "").count("|") == 4
    assert "<script>" not in outside
    assert "@c" not in outside
    assert not any(line.startswith("::") for line in markdown.splitlines())


def test_markdown_begins_with_its_mark_and_says_what_a_change_means(sealed):
    sealed("set", "config/prod.yaml", "db.password", stdin=b"another")
    out = sealed("check", "--base", "HEAD", "--format", "markdown", who=None)
    assert out.startswith("<!-- sealring check -->\n### sealring: nothing to mend")
    assert "db.password changed" in out


def test_the_workflows_of_the_how_to_are_yaml_and_name_real_options():
    page = (Path(__file__).resolve().parents[2] / "docs/how-to/ci-check.md").read_text(encoding="utf-8")
    blocks = [block.split("```")[0] for block in page.split("```yaml\n")[1:]]
    assert len(blocks) == 3
    for block in blocks:
        assert yaml.safe_load(block)


# What is read


def state_of(repo, rev, reader):
    states = States(Ui(quiet=True), str(repo.root), reader, rev=rev)
    return {"worktree": states.worktree, "index": states.index, "commit": states.commit}


@pytest.mark.parametrize("kind", ["worktree", "index", "commit"])
def test_of_many_files_only_those_that_the_policy_covers_are_read(repo, kind):
    repo.seal()
    text = repo.read("config/prod.yaml")
    for number in range(49):
        repo.write(f"config/f{number}.yaml", text)
    for number in range(2_000):
        folder = repo.root / "src" / str(number % 20)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.yaml").write_text("a: b\n")
    repo.commit()
    read = []
    with ObjectReader(str(repo.root)) as reader:
        snapshot = state_of(repo, "HEAD", reader)[kind]()

        def read_many(names, limit):
            for name, content in snapshot.read_many(names, limit):
                read.append(name)
                yield name, content

        report = check(str(repo.root), snapshot.replace(read_many=read_many), NOW_S)
        objects = reader.count
    assert report.files == 50
    assert {name.split("/")[0] for name in read} == {"config", ".gitattributes"}
    assert len(read) == len(set(read)) == 51
    control = len(repo.git("ls-files", ".sealring").split())
    assert objects <= (0 if kind == "worktree" else 51 + control)


def test_a_hook_on_many_files_starts_git_a_few_times_and_reads_with_one_process(repo, monkeypatch):
    repo.seal()
    for number in range(100):
        repo.write(f"config/f{number}.yaml", "host: x\n")
    repo.git("add", "-A")
    trace = repo.top.parent / "trace"
    repo.forks.environ["GIT_TRACE"] = str(trace)
    try:
        repo.check("--staged")
    finally:
        del repo.forks.environ["GIT_TRACE"]
    started = [line for line in trace.read_text().splitlines() if "trace: built-in: git" in line]
    assert len([line for line in started if "cat-file" in line]) == 1
    assert len(started) <= 4
