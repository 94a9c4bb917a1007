"""A change in words."""

from __future__ import annotations

import pytest
from tests.support.audit_samples import Sample

BEFORE = """$ base
--- .sealring/policy.yaml
rules:
  - name: prod
    files: ["config/*.yaml"]
    fields: ["**.password"]
    group: prod
    max_age: 90d
    require: ["db.password"]
    bind: ["db.host"]
--- config/prod.yaml
db:
  password: <sealed at 20261101T000000Z>
  host: h
$ change
"""
POLICY = BEFORE.split("--- config")[0].removeprefix("$ base\n")
CASES = {
    "nothing": ("", []),
    "regrouped": (
        POLICY.replace("group: prod", "group: dev")
        + "--- config/prod.yaml\ndb:\n  password: <sealed to dev>\n  host: h\n",
        [
            'rule "prod" seals to group dev instead of prod',
            "config/prod.yaml: db.password moved from group prod to dev",
        ],
    ),
    "rule gone": (
        "--- .sealring/policy.yaml\nrules: []\n",
        ['rule "prod" no longer covers config/prod.yaml: db.password', 'rule "prod" is gone'],
    ),
    "conditions lost": (
        POLICY.replace("max_age: 90d", "max_age: 1y").replace("db.host", "db.port").replace("db.password", "db.x"),
        [
            'rule "prod": `max_age` is 365 days instead of 90 days',
            'rule "prod": `require` lost db.password',
            'rule "prod": `bind` lost db.host',
        ],
    ),
    "deleted": ("$ delete config/prod.yaml", ["config/prod.yaml: db.password deleted"]),
    "plaintext": (
        "--- config/prod.yaml\ndb:\n  password: hunter2\n  host: h\n",
        ["config/prod.yaml: db.password plaintext now"],
    ),
    "moved": ("$ grant prod carol", ["carol gains 1 value (group prod)"]),
    "new group": (
        "$ group create ops --member alice",
        ["alice gains 0 values (group ops)", "group ops is new"],
    ),
    "removal": ("$ revoke prod bob", ["group prod: bob is to leave at the next rotation"]),
}


@pytest.mark.parametrize(("change", "words"), CASES.values(), ids=CASES)
def test_a_change_is_told(change, words, tmp_path):
    report = Sample(tmp_path, BEFORE + change).check()
    assert list(report.meaning) == words


def test_new_keys_of_a_member_are_told_with_the_group_they_count_in(tmp_path):
    sample = Sample(tmp_path, BEFORE)
    file = sample.repository.path(".sealring/members/bob.yaml")
    other = sample.repository.path(".sealring/members/carol.yaml")
    with open(file) as mine, open(other) as theirs:
        text = mine.read() + theirs.read().split("recipients:\n")[1]
    sample.repository.write_all({".sealring/members/bob.yaml": text.encode()})
    (sentence,) = sample.check().meaning
    assert sentence.startswith("groups dev, prod: bob's recipient ")
    assert sentence.endswith(" added")


def test_a_base_without_a_policy_is_told(tmp_path):
    sample = Sample(tmp_path, BEFORE + "$ delete config/prod.yaml")
    import os

    os.remove(os.path.join(sample.base, ".sealring", "policy.yaml"))
    assert sample.check().meaning == ("main has no policy that can be read, so everything is new",)
