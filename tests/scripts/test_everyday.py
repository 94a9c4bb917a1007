"""Everyday commands in real git repositories: status, explain, track, generate, completion, mv, regroup."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
YAML = "db:\n  host: h  # where\n  password: hunter2\napi:\n  token: 'tok'\n"


class Repo:
    """A directory in a git repository, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.root = folder / "repo"
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("SEALRING", "GIT_"))
        }
        self.environ = {
            **kept,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_RUNTIME_DIR": str(self.home),
            "PYTHONPATH": str(SRC),
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
        }

    def __call__(self, *words, status=0, cwd=".", stdin="", env=None):
        """Run sealring, check its exit status, and return what it printed on stdout."""
        done = subprocess.run(
            [sys.executable, "-m", "sealring", *words],
            cwd=self.root / cwd,
            env={**self.environ, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, (words, done.stdout, done.stderr)
        self.stderr = done.stderr
        return done.stdout

    def git(self, *words):
        settings = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
        done = subprocess.run(
            ["git", *settings, *words],
            cwd=self.root,
            env=self.environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def read(self, name):
        return (self.root / name).read_text()

    def add_rule(self, text):
        policy = self.root / ".sealring" / "policy.yaml"
        policy.write_text(policy.read_text() + text)

    def sealed(self, name="config/prod.yaml", text=YAML):
        """Write a file, give it a rule, seal and commit it; return its sealed text."""
        self.write(name, text)
        self("track", name, "--yes", "--group", "dev")
        self("encrypt", name)
        self.git("add", "-A")
        self.git("commit", "-qm", "sealed")
        return self.read(name)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template")
    repo = Repo(folder)
    repo.home.mkdir()
    repo.root.mkdir()
    repo.git("init", "-q")
    groups = ["--group", "dev", "--group", "prod"]
    repo("init", "--name", "alice", *groups, "--recovery", str(folder / "recovery.txt"))
    repo.git("add", "-A")
    repo.git("commit", "-qm", "init")
    return folder


@pytest.fixture
def repo(template, tmp_path):
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return Repo(tmp_path)


# track


def test_a_rule_is_proposed_shown_and_added_and_the_file_sealed_by_it(repo):
    repo.write("config/prod.yaml", YAML)
    repo("track", "config/prod.yaml", "--group", "dev", "--yes")
    assert 'fields: ["**.password", "**.token"]' in repo.stderr
    assert "config/prod.yaml: db.password" in repo.stderr
    repo("encrypt")
    sealed = repo.read("config/prod.yaml")
    assert "hunter2" not in sealed
    assert "host: h  # where" in sealed
    assert repo("get", "config/prod.yaml", "db.password") == "hunter2\n"


def test_without_agreement_nothing_is_written(repo):
    repo.write(".env", "A=1\n")
    before = repo.read(".sealring/policy.yaml")
    repo("track", ".env", "--group", "dev", status=2)
    assert "--yes" in repo.stderr
    assert repo.read(".sealring/policy.yaml") == before


def test_with_several_groups_one_must_be_named(repo):
    repo.write(".env", "A=1\n")
    repo("track", ".env", "--yes", status=2)
    assert "--group dev or --group prod" in repo.stderr
    repo("track", ".env", "--yes", "--group", "prd", status=10)
    assert 'did you mean "prod"?' in repo.stderr


def test_a_file_that_has_a_rule_is_left_unless_fields_are_named(repo):
    repo.sealed()
    before = repo.read(".sealring/policy.yaml")
    repo("track", "config/prod.yaml", "--group", "dev", "--yes")
    assert re.search(r'rule "config/prod.yaml" \(.sealring/policy.yaml:\d+\) is for this file', repo.stderr)
    assert repo.read(".sealring/policy.yaml") == before
    out = repo("track", "config/prod.yaml", "--group", "prod", "--fields", "db.host", "--yes", "--json")
    assert json.loads(out)["seals"] == [{"file": "config/prod.yaml", "field": "db.host"}]


def test_a_rule_that_would_seal_nothing_is_refused(repo):
    repo.write("a.yaml", "host: h\n")
    repo("track", "a.yaml", "--group", "dev", "--yes", status=2)
    assert "no field looks secret" in repo.stderr
    repo("track", "a.yaml", "--group", "dev", "--fields", "nothing", "--yes", status=2)
    assert "would seal nothing" in repo.stderr
    assert "nothing" not in repo.read(".sealring/policy.yaml").rpartition("rules:")[2]


def test_a_malformed_pattern_is_named_and_nothing_written(repo):
    repo.write("a.yaml", "host: h\n")
    before = repo.read(".sealring/policy.yaml")
    repo("track", "a.yaml", "--group", "dev", "--fields", "a..b", "--yes", status=10)
    assert "column 3" in repo.stderr
    assert repo.read(".sealring/policy.yaml") == before


def test_a_directory_is_searched_for_files_that_seem_to_hold_secrets(repo):
    repo.write("deploy/a.yaml", "password: x\n")
    repo.write("deploy/b.yaml", "host: h\n")
    repo.write("deploy/chart.yaml", "{{- if .x }}\na: 1\n")
    repo.write("deploy/ignored/c.yaml", "password: x\n")
    repo.write("deploy/.env.example", "A=\n")
    repo.write(".gitignore", "ignored/\n")
    out = repo("track", ".", "--group", "dev", "--yes", "--json", cwd="deploy")
    assert [rule["files"] for rule in json.loads(out)["rules"]] == [["deploy/a.yaml"]]
    assert "left out: deploy/chart.yaml:1" in repo.stderr


def test_a_kubernetes_secret_gets_the_preset(repo):
    repo.write("k8s/s.yaml", "kind: Secret\nmetadata:\n  name: s\nstringData:\n  a: x\n")
    out = repo("track", "k8s/s.yaml", "--group", "prod", "--yes", "--json")
    assert json.loads(out)["rules"][0]["preset"] == "kubernetes-secret"
    repo("encrypt")
    assert "a: ENC[sr1,prod@" in repo.read("k8s/s.yaml")


# status


def test_a_repository_with_nothing_to_do_exits_with_0(repo):
    repo.sealed()
    assert "config/prod.yaml: 2 sealed\n" in repo("status")
    assert "nothing has to be done" in repo("status", "config")


def test_plaintext_exits_with_1_and_names_its_line_from_any_directory(repo):
    repo.sealed()
    repo.write("config/prod.yaml", YAML)
    out = repo("status", status=1, cwd="config")
    assert "prod.yaml:3: db.password is plaintext" in out
    assert "mend: `sealring encrypt`" in out
    assert "hunter2" not in out + repo.stderr


def test_status_works_without_identity_and_with_one_that_asks_for_a_passphrase(repo):
    repo.sealed()
    alone = {"SEALRING_IDENTITY": "", "HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}
    assert json.loads(repo("status", "--json", env=alone))["files"][0]["closed"] is None
    bad = {"SEALRING_IDENTITY_FILE": "/nonexistent"}
    assert json.loads(repo("status", "--json", env=bad))["identities"] == 0
    assert "going on without your identity" in repo.stderr


def test_many_files_are_summed_up(repo):
    for number in range(12):
        repo.write(f"config/{number}.env", f"A={number}\n")
    repo.add_rule('  - files: ["*.env"]\n    group: dev\n')
    repo("encrypt")
    repo.write("config/3.env", "A=x\n")
    out = repo("status", status=1)
    assert "11 more files: 11 sealed" in out
    assert out.count(".env:") == 2


def test_a_file_that_does_not_parse_is_shown_and_the_others_too(repo):
    repo.sealed()
    repo.add_rule('  - files: ["broken.yaml"]\n    group: dev\n')
    repo.write("broken.yaml", "a: [1\n")
    out = repo("status", status=1)
    assert "broken.yaml: 0 sealed, 1 problems" in out
    assert "config/prod.yaml: 2 sealed" in out


def test_tokens_whose_rule_was_deleted_are_still_shown(repo):
    repo.sealed()
    repo.git("checkout", "-q", "HEAD~1", "--", ".sealring/policy.yaml")
    assert "config/prod.yaml: 2 sealed, no rule is for this file" in repo("status")


def test_a_pattern_with_a_typing_mistake_and_an_unknown_group_are_told(repo):
    repo.add_rule('  - files: ["a.yaml"]\n    fields: ["db.pasword", "db.x"]\n    group: pord\n')
    repo.write("a.yaml", "db:\n  x: 1\n")
    out = repo("status", status=1)
    assert 'pattern "db.pasword" of rule "a.yaml" matches no field' in out
    assert re.search(r'problem: .sealring/policy.yaml:\d+: rule "a.yaml" names group "pord"', out)
    assert 'did you mean "prod"?' in out


def test_all_counts_are_in_json(repo):
    repo.sealed()
    data = json.loads(repo("--json", "status", "config/prod.yaml"))
    file = data["files"][0]
    assert data["is_fine"]
    assert (file["file"], file["sealed"], file["closed"], file["findings"]) == ("config/prod.yaml", 2, 0, [])
    assert [(group["group"], group["members"]) for group in data["groups"]] == [
        ("dev", ["alice", "recovery"]),
        ("prod", ["alice", "recovery"]),
    ]


def test_outside_of_a_repository_it_says_how_to_make_one(repo):
    repo("-C", str(repo.home), "status", status=3)
    assert "`sealring init` makes one" in repo.stderr


# explain


def test_a_field_is_explained_by_rule_pattern_group_and_readers(repo):
    repo.sealed()
    out = repo("explain", "prod.yaml", "db.password", cwd="config")
    assert "config/prod.yaml:3: db.password" in out
    assert 'by pattern "**.password"' in out
    assert "alice, person" in out
    assert "recovery, recovery" in out
    assert "no pattern of it names the field" in repo("explain", "config/prod.yaml", "db.host")


def test_all_fields_of_a_file_make_a_table(repo):
    repo.sealed()
    lines = repo("explain", "config/prod.yaml").splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["FIELD", "STATE", "GROUP"],
        ["db.host", "plain", "-"],
        ["db.password", "sealed", "dev"],
        ["api.token", "sealed", "dev"],
    ]
    data = json.loads(repo("explain", "config/prod.yaml", "--json"))
    assert [entry["group"] for entry in data] == [None, "dev", "dev"]


def test_a_field_that_is_not_there_exits_with_1(repo):
    repo.sealed()
    repo("explain", "config/prod.yaml", "db.pasword", status=1)
    assert "did you mean db.password" in repo.stderr


# generate


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ([], r"[A-Za-z0-9]{32}"),
        (["--length", "20", "--alphabet", "abc"], r"[abc]{20}"),
        (["--bytes", "16"], r"[0-9a-f]{32}"),
        (["--bytes", "32", "--format", "base64"], r"[A-Za-z0-9+/]{43}="),
    ],
)
def test_a_secret_is_printed_in_the_form_asked_for(repo, words, form):
    assert re.fullmatch(form + "\n", repo("generate", *words))


@pytest.mark.parametrize(
    "words",
    [
        ["--length", "7"],
        ["--length", "5000"],
        ["--bytes", "8"],
        ["--alphabet", "aab"],
        ["--alphabet", "a"],
        ["--bytes", "32", "--length", "32"],
        ["--format", "hex"],
    ],
)
def test_a_secret_that_would_be_weak_or_not_as_meant_is_refused(repo, words):
    assert repo("generate", *words, status=2) == ""


def test_a_generated_secret_goes_straight_into_a_field(repo):
    before = repo.sealed()
    assert repo("generate", "--set", "config/prod.yaml", "db.password") == ""
    after = repo.read("config/prod.yaml")
    assert repo("get", "config/prod.yaml", "db.password").strip() not in ("hunter2", "")
    changed = [
        n
        for n, pair in enumerate(zip(before.split("\n"), after.split("\n"), strict=True))
        if len(set(pair)) > 1
    ]
    assert changed == [2]


# completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(repo, shell):
    script = repo("completion", shell)
    assert "_SEALRING_COMPLETE" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    repo("completion", "csh", status=2)


def complete(repo, *words, cwd="."):
    env = {
        "_SEALRING_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    return [line.partition(",")[2] for line in repo(env=env, cwd=cwd).splitlines() if line]


def test_commands_fields_and_groups_are_offered(repo):
    repo.sealed()
    assert complete(repo, "sealring", "enc") == ["encrypt"]
    assert complete(repo, "sealring", "explain", "config/prod.yaml", "db.") == ["db.host", "db.password"]
    assert complete(repo, "sealring", "explain", "prod.yaml", "api", cwd="config") == ["api.token"]
    assert complete(repo, "sealring", "track", "--group", "p") == ["prod"]
    assert complete(repo, "sealring", "explain", "missing.yaml", "x") == []


# mv


def test_a_renamed_file_opens_under_its_new_name_and_keeps_set_times(repo):
    sealed = repo.sealed()
    os.chmod(repo.root / "config/prod.yaml", 0o640)
    repo.add_rule('  - files: ["live/**"]\n    fields: ["**.password", "**.token"]\n    group: dev\n')
    repo("mv", "config/prod.yaml", "live/new/prod.yaml")
    moved = repo.read("live/new/prod.yaml")
    assert not (repo.root / "config/prod.yaml").exists()
    assert (repo.root / "live/new/prod.yaml").stat().st_mode & 0o777 == 0o640
    assert repo("decrypt", "live/new/prod.yaml") == YAML
    assert re.findall(r"\d{8}T\d{6}Z", moved) == re.findall(r"\d{8}T\d{6}Z", sealed)
    assert repo.git("diff", "--cached", "--name-only") == ""
    repo("status")


def test_a_file_is_not_moved_out_of_the_policy_nor_over_another_nor_to_another_format(repo):
    sealed = repo.sealed()
    repo.write("there.yaml", "x: 1\n")
    repo("mv", "config/prod.yaml", "live.yaml", status=2)
    assert "no rule says to seal it" in repo.stderr
    repo("mv", "config/prod.yaml", "there.yaml", status=3)
    repo("mv", "config/prod.yaml", "config/prod.json", status=2)
    repo("mv", "missing.yaml", "x.yaml", status=3)
    repo("mv", "config/prod.yaml", status=2)
    assert repo.read("config/prod.yaml") == sealed
    assert not (repo.root / "live.yaml").exists()


@pytest.mark.parametrize("after", [False, True])
def test_a_directory_is_moved_with_its_sealed_and_its_other_files(repo, after):
    repo.write("config/readme.txt", "hello\n")
    repo.write("config/deep/.env", "A=1\n")
    repo.add_rule('  - files: ["config/**/.env", "live/**/.env"]\n    group: dev\n')
    repo.add_rule('  - files: ["live/prod.yaml"]\n    fields: ["**.password", "**.token"]\n    group: dev\n')
    repo("encrypt")
    repo.sealed()
    if after:
        repo.git("mv", "config", "live")
        out = repo("status", status=1)
        assert "2 foreign" in out
        assert "hint: after a rename: `sealring mv --after OLD_NAME live/prod.yaml`" in out
        repo("mv", "--after", "config", "live")
    else:
        repo("mv", "config", "live")
    assert repo("decrypt", "live/prod.yaml") == YAML
    assert repo("decrypt", "live/deep/.env") == "A=1\n"
    assert repo.read("live/readme.txt") == "hello\n"
    assert not (repo.root / "config").exists()
    repo("mv", "--after", "config", "live")
    assert "no value was sealed for another name" in repo.stderr


def test_a_directory_does_not_go_into_itself(repo):
    repo.sealed()
    repo("mv", "config", "config/new", status=2)
    assert (repo.root / "config/prod.yaml").exists()


def test_a_moved_field_keeps_value_time_and_neighbours(repo):
    sealed = repo.sealed()
    time = re.search(r"password: ENC\[[^,]*,[^,]*,[^,]*,([^,]*),", sealed)[1]
    assert repo("mv", "config/prod.yaml", "db.password", "admin.password", "--json") == "[]\n"
    moved = repo.read("config/prod.yaml")
    assert repo("get", "config/prod.yaml", "admin.password") == "hunter2\n"
    assert f",{time}," in moved.partition("admin:")[2]
    assert "password" not in moved.partition("api:")[0]
    assert re.search("token: .*", moved)[0] == re.search("token: .*", sealed)[0]


def test_a_sealed_field_is_not_moved_to_where_it_would_be_plain_or_of_another_group(repo):
    sealed = repo.sealed()
    repo("mv", "config/prod.yaml", "db.password", "db.pw", status=1)
    assert "no rule says to seal db.pw" in repo.stderr
    repo.add_rule('  - files: ["config/prod.yaml"]\n    fields: ["other.**"]\n    group: prod\n')
    repo("mv", "config/prod.yaml", "db.password", "other.pw", status=12)
    assert "is sealed to group dev" in repo.stderr
    assert repo.read("config/prod.yaml") == sealed


# regroup


def test_values_go_to_another_group_only_when_asked_and_agreed(repo):
    repo.sealed()
    policy = repo.read(".sealring/policy.yaml")
    head, tail = policy.rsplit("group: dev", 1)
    repo.write(".sealring/policy.yaml", head + "group: prod" + tail)
    sealed = repo.read("config/prod.yaml")
    assert "`sealring regroup config/prod.yaml`" in repo("status", status=1)
    repo("regroup", "config/prod.yaml", status=2)
    assert "db.password: dev -> prod" in repo.stderr
    assert repo.read("config/prod.yaml") == sealed
    out = repo("regroup", "config", "--yes", "--json")
    assert {(row["field"], row["from"], row["to"]) for row in json.loads(out)} == {
        ("db.password", "dev", "prod"),
        ("api.token", "dev", "prod"),
    }
    assert repo.read("config/prod.yaml").count("ENC[sr1,prod@") == 2
    assert repo("decrypt", "config/prod.yaml") == YAML
    repo("regroup", "config/prod.yaml")
    assert "every value is in the group" in repo.stderr
    repo("status")
