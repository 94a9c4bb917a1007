"""Generated files of three formats, and policies that seal parts of them."""

from __future__ import annotations

import json

from hypothesis import strategies as st

KEYS = ("a", "b", "c", "password", "name", "value", "id", "data", "x y", "tls.crt")
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Co", "Cn")), max_size=12
)
PLAIN_WORDS = st.from_regex(r"[a-z][a-z0-9 _/.-]{0,10}[a-z0-9]", fullmatch=True)


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


@st.composite
def yaml_scalars(draw, indent):
    """Return the source of one scalar in any style, behind `key: ` or `- `; no line end at its end."""
    kind = draw(
        st.sampled_from(
            ["plain", "plain", "plain", "single", "double", "literal", "folded", "typed", "lines"]
        )
    )
    pad = " " * (indent + 2)
    if kind == "plain":
        return draw(PLAIN_WORDS)
    if kind == "single":
        return "'" + draw(WORDS).replace("'", "''") + "'"
    if kind == "double":
        return quoted(
            draw(WORDS | st.text(max_size=6).filter(lambda text: "\x7f" not in text and text.isprintable()))
        )
    if kind == "typed":
        return draw(
            st.sampled_from(
                ["~", "null", "true", "5", "-1.5", "0o17", "2026-11-24", "''", '""', "", "12:30", "*"[:0]]
            )
        )
    lines = draw(st.lists(PLAIN_WORDS, min_size=1, max_size=3))
    if kind == "lines":
        return ("\n" + pad).join(lines)
    mark = ("|" if kind == "literal" else ">") + draw(st.sampled_from(["", "-", "+"]))
    return "\n".join([mark, *(pad + line for line in lines)])


@st.composite
def yaml_nodes(draw, indent=0, depth=2, label=None):
    """Return the lines of a mapping in block style, each with its line end."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=4))
    if label is not None:
        keys = ["name", *(key for key in keys if key != "name")]
    out = []
    pad = " " * indent
    for key in keys:
        shape = draw(
            st.sampled_from(["scalar", "scalar", "scalar", "map", "list", "elements", "flow", "empty"])
        )
        shown = quoted(key) if draw(st.booleans()) or "." in key else key
        if key == "name" and label is not None:
            out.append(f"{pad}name: {label}\n")
        elif shape == "scalar" or depth == 0:
            value = draw(yaml_scalars(indent))
            comment = draw(st.sampled_from(["", "", "  # note"]))
            out.append(f"{pad}{shown}: {value}{comment if chr(10) not in value else ''}\n")
        elif shape == "map":
            out.append(f"{pad}{shown}:\n" + draw(yaml_nodes(indent + 2, depth - 1)))
        elif shape == "list":
            items = draw(st.lists(yaml_scalars(indent + 2), min_size=1, max_size=3))
            out.append(f"{pad}{shown}:\n" + "".join(f"{pad}  - {item}\n" for item in items))
        elif shape == "elements":
            out.append(f"{pad}{shown}:\n" + draw(yaml_elements(indent + 2, depth - 1)))
        elif shape == "flow":
            items = draw(st.lists(PLAIN_WORDS, min_size=1, max_size=3))
            out.append(f"{pad}{shown}: [{', '.join(items)}]\n")
        else:
            out.append(f"{pad}{shown}: {draw(st.sampled_from(['{}', '[]']))}\n")
        if draw(st.integers(0, 5)) == 0:
            out.append(draw(st.sampled_from(["\n", f"{pad}# why\n"])))
    return "".join(out)


@st.composite
def yaml_elements(draw, indent, depth):
    """Return the lines of a list of mappings, some with names."""
    out = []
    for name in draw(st.lists(st.sampled_from([None, "one", "two", "three"]), min_size=1, max_size=3)):
        lines = draw(yaml_nodes(indent + 2, depth, name))
        out.append(" " * indent + "- " + lines[indent + 2 :])
    return "".join(out)


@st.composite
def yaml_texts(draw):
    text = draw(yaml_nodes())
    if draw(st.booleans()):
        text = f"kind: Secret\nmetadata:\n  name: one\n{text}".replace("\nname:", "\nlabel:")
        if draw(st.booleans()):
            text += "---\n" + draw(yaml_nodes())
    if draw(st.integers(0, 3)) == 0:
        text = text.replace("\n", "\r\n")
    return text


_JSON = st.recursive(
    WORDS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def json_texts(draw):
    data = draw(st.dictionaries(st.sampled_from(KEYS), _JSON, min_size=1, max_size=5))
    indent = draw(st.sampled_from([None, 2, "\t"]))
    return json.dumps(data, indent=indent, ensure_ascii=draw(st.booleans())) + draw(
        st.sampled_from(["", "\n"])
    )


_ENV_VALUES = (
    PLAIN_WORDS
    | PLAIN_WORDS.map(lambda text: f"'{text}'")
    | PLAIN_WORDS.map(lambda text: f'"{text}"')
    | st.sampled_from(["", '""', '"two\nlines"', "a#b", "a  # note", "'$x'", "a=b", "`x`"])
)


@st.composite
def dotenv_texts(draw):
    names = draw(st.lists(st.sampled_from(["A", "B", "PASSWORD", "TOKEN", "C_1"]), unique=True, min_size=1))
    lines = []
    for name in names:
        lead = draw(st.sampled_from(["", "", "export ", "# note\n", "\n"]))
        lines.append(f"{lead}{name}{draw(st.sampled_from(['=', '=', ' = ']))}{draw(_ENV_VALUES)}\n")
    return draw(st.sampled_from(["", "\n"])) + "".join(lines)


FILES = (
    st.tuples(st.just("a.yaml"), yaml_texts())
    | st.tuples(st.just("a.yaml"), yaml_texts())
    | st.tuples(st.just("a.json"), json_texts())
    | st.tuples(st.just("a.env"), dotenv_texts())
)

_PATTERNS = (
    "**.password",
    "a",
    "b.*",
    "c",
    "*.value",
    "data[]",
    "**.id",
    "PASSWORD",
    "TOKEN",
    "value",
    '"tls.crt"',
)


@st.composite
def rules(draw):
    """Return the rules of a policy with one or two groups."""
    lines = ["rules:"]
    if draw(st.booleans()):
        fields = draw(st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=4, unique=True))
        lines.append(f"  - {{files: ['*'], fields: {json.dumps(fields)}, group: prod}}")
    excepts = draw(st.sampled_from(["", "", "except: [name, '**.name', kind, metadata], ", "except: [c], "]))
    if draw(st.booleans()) or len(lines) == 1:
        lines.append(f"  - {{files: ['*'], {excepts}group: dev}}")
    return "\n".join(lines) + "\n"
