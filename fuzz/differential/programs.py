"""Random templates that use the language itself: scopes, named templates, loops, mutation, trimming,
functions whose arguments are of the wrong kind."""

import templates

ODD = [
    "nil", "true", "0", "-1", "3", "1.5", "1e3", '""', '"x"', '"1"', '"true"', "(list)", "(list 1 2 3)", '(list "b" "a")', "(dict)",
    '(dict "a" 1)', '(dict "a" (dict "b" 2))', ".Values.list", ".Values.map", ".Values.port", ".Values.name", ".Values.nope", "$", ".",
    "(int64 7)", "(float64 2)", '(list nil "a" 1.5)', "(until 3)", "(toDate \"2006-01-02\" \"2024-02-29\")", '(mustToDuration "90m")',
    '(semver "1.2.3-rc.1+b")', ".Capabilities.APIVersions", ".Release", ".Chart", '(splitList "," "a,b,c")', '(split "," "a,b")', "(int 1)",
    '(fromYaml "a: [1, {b: null}]")', '(fromJson "{\\"n\\":1e20,\\"i\\":3}")', '(list (list 1) (list "x"))', '("a" | quote)', "9223372036854775807",
    '(urlParse "http://u:p@h:1/p?q#f")', '(typeOf .)', "'a'", "(b64enc \"x\")", '(regexFindAll "[a-c]" "abcab" -1)', "(atoi \"12\")", "(len .)",
]
TEXTS = ["x", " ", "\n", "  a: b\n", "", "-", "{", "}}", "é", "\t", "# c\n", "'q'", "---\n"]
VERBS = ["%d", "%s", "%v", "%q", "%t", "%f", "%5.1f", "%05d", "%x", "%T", "%+v", "%#v", "%-5s|", "%c", "%U", "%e", "%g", "%b", "%o", "%%", "%!", "%", "%z",
         "%[2]v", "%[1]d", "%[9]d", "%*d", "%.*f", "%.3s", "%+d", "% d", "%08.3f", "%X", "%p", "%w", "%6q", "%#x", "%#q", "% x"]
STAMPS = ['"2006-01-02"', '"Jan 2, 2006 at 3:04pm (MST)"', '"15:04:05.000"', '"Mon"', '"2006-002"', '"x"', '""', '"Z07:00"', '"_2 .999"']
RANGES = ['">=1.0"', '"^1.2 || ~2"', '"1.x"', '"<1.3-0"', '"!=1.2.3"', '"1.2 - 1.4"', '"x"', '">= 1.2, <3"', '""', '"*"', '"=>1"', '">1.2.3-alpha"']
PATTERNS = ['"a+"', '"(b)(c)?"', '"^$"', '"["', '"(?i)A"', '"\\\\d{2,}"', '"."', '"(?P<x>a)|b"', '"\\\\bword\\\\b"', '"[^a]*?"', '"x{1001}"', '"\\\\p{Lu}"']
SETTERS = ['set $d "k" {v}', 'unset $d "a"', 'merge $d (dict "a" {v} "z" 1)', 'mergeOverwrite $d (dict "a" {v})', 'set $d "self" (deepCopy $d)',
           'mustMerge $d (dict "m" (dict "n" {v}))', 'set (get $d "m" | default dict) "q" {v}', 'set .Values "added" {v}', 'set $.Values.map "x" {v}']


class Programs:
    """One random template."""

    def __init__(self, r):
        self.r = r
        self.depth = 0
        self.count = 0
        self.names = []
        self.variables = ["$"]
        self.loops = 0

    def odd(self):
        r = self.r
        pick = r.random()
        if pick < 0.15 and len(self.variables) > 1:
            return r.choice(self.variables)
        if pick < 0.3:
            return f"({self.call()})"
        return r.choice(ODD)

    def call(self):
        """A function over whatever there is."""
        r = self.r
        self.depth += 1
        try:
            if self.depth > 3:
                return f"default {r.choice(ODD)} {r.choice(ODD)}"
            pick = r.random()
            if pick < 0.45:
                name, *kinds = r.choice(templates.FUNCTIONS)
                if name in ("fail", "lookup", "tpl", "include"):
                    name, kinds = "toString", ["a"]
                count = len((kinds or [""])[0].replace("*", "")) + (r.random() < 0.2) - (r.random() < 0.06)
                return " ".join([name, *(self.odd() for _ in range(max(count, 0)))])
            if pick < 0.57:
                verbs = r.choice(["", " ", ","]).join(r.choice(VERBS) for _ in range(r.randint(1, 3)))
                return f'printf "{verbs}" ' + " ".join(self.odd() for _ in range(r.randint(0, 4)))
            if pick < 0.63:
                return f"{r.choice(['index', 'slice'])} {self.odd()} " + " ".join(self.odd() for _ in range(r.randint(0, 3)))
            if pick < 0.68:
                return f"{r.choice(['date', 'dateInZone', 'toDate', 'mustToDate'])} {r.choice(STAMPS)} {self.odd()}" + r.choice(["", ' "UTC"', ' "Europe/Berlin"', ' "Nope"'])
            if pick < 0.73:
                return f"semverCompare {r.choice(RANGES)} {r.choice(['1.2.3', self.odd(), 'v1'][1:2] + [chr(34) + v + chr(34) for v in ('1.2.3', 'v1.2', '1.2.3-beta', '2')])}"
            if pick < 0.8:
                name = r.choice(["regexMatch", "regexFind", "regexReplaceAll", "regexSplit", "regexFindAll", "mustRegexFind", "mustRegexReplaceAll", "regexReplaceAllLiteral"])
                more = {"regexSplit": " -1", "regexFindAll": " 2"}.get(name, ' "<$1>"' if "Replace" in name else "")
                return f'{name} {r.choice(PATTERNS)} "aabbcc word A 42"{more}'
            if pick < 0.88:
                return f"{r.choice(['eq', 'ne', 'lt', 'gt', 'le', 'ge', 'and', 'or', 'not', 'deepEqual', 'kindIs', 'has', 'ternary 1', 'coalesce', 'empty', 'max', 'add', 'mul', 'div', 'mod'])} {self.odd()} {self.odd()}"
            return f"{self.odd()} | {r.choice(['toYaml', 'toJson', 'toToml', 'toPrettyJson', 'toYamlPretty', 'quote', 'squote', 'fromYaml', 'fromJson', 'fromToml', 'fromYamlArray', 'fromJsonArray', 'toString', 'int', 'float64', 'len', 'keys', 'values', 'first', 'join', 'typeOf', 'kindOf', 'html', 'js', 'urlquery', 'b64dec', 'trim', 'nindent 2', 'toRawJson'])}"
        finally:
            self.depth -= 1

    def braces(self, text):
        r = self.r
        left = r.choice(["{{", "{{ ", "{{ ", "{{- ", "{{-\n"])
        right = r.choice(["}}", " }}", " }}", " -}}", "\n}}"])
        return left + ("" if left.endswith((" ", "\n")) else " ") + text + ("" if right[0] in " \n" else " ") + right

    def body(self, level):
        return "".join(self.statement(level + 1) for _ in range(self.r.randint(1, 2)))

    def statement(self, level):
        r = self.r
        self.count += 1
        n = self.count
        pick = r.random()
        tail = r.choice(TEXTS) if r.random() < 0.35 else ""
        if level > 2 or pick < 0.34:
            after = r.choice(["", "", " | toJson", " | quote", " | typeOf", " | toYaml | nindent 2"])
            return f"# {n}: {self.braces(self.call() + after)}\n"
        if pick < 0.44:
            name = f"$v{n}"
            self.variables.append(name)
            text = self.braces(f"{name} := {self.odd()}")
            if r.random() < 0.5:
                inner = self.braces("if true") + self.braces(f"{name} {r.choice([':=', '=', '='])} {self.odd()}") + self.braces("end")
                text += inner
            return f"# {text}{self.braces(name + ' | toJson')}\n"
        if pick < 0.6:
            names = r.choice(["", "$e := ", "$i, $e := "] * 5 + ["$i, $e = "])
            before = list(self.variables)
            if ":" in names:
                self.variables += ["$e", "$i"] if "," in names else ["$e"]
            self.loops += 1
            stop = r.choice(["", "", self.braces("break"), self.braces("continue"), self.braces("if .") + self.braces("break") + self.braces("end")])
            text = self.braces(f"range {names}{self.odd()}") + "# [" + self.braces(". | toJson") + stop + self.body(level) + "]\n"
            self.loops -= 1
            self.variables = before
            if r.random() < 0.3:
                text += self.braces("else") + "# none\n" + (self.braces("break") if self.loops and r.random() < 0.3 else "")
            return text + self.braces("end") + tail
        if pick < 0.68:
            before = list(self.variables)
            text = self.braces(f"with {r.choice(['', '$w := '])}{self.odd()}") + self.body(level)
            text += r.choice(["", self.braces(f"else with {self.odd()}") + "# b\n", self.braces("else") + "# c\n"])
            self.variables = before
            return text + self.braces("end") + tail
        if pick < 0.75:
            before = list(self.variables)
            text = self.braces(f"if {self.odd()}") + self.body(level) + self.braces(f"else if {self.odd()}") + "# e\n" + self.braces("end")
            self.variables = before
            return text
        if pick < 0.86:
            name = f"n{n}" if r.random() < 0.8 or not self.names else r.choice(self.names)
            before = self.variables
            self.variables = ["$"]
            inner = self.body(2)
            self.variables = before
            self.names.append(name)
            if r.random() < 0.2:
                return self.braces(f'block "{name}" {self.odd()}') + inner + self.braces("end") + tail
            use = r.choice([f'include "{name}" {self.odd()}', f'template "{name}" {self.odd()}', f'include "{name}" . | indent 2', f'template "{name}"',
                            f'tpl "{{{{ include \\"{name}\\" . }}}}" $', f'include (printf "n%d" {n}) .'])
            define = self.braces(f'define "{name}"') + inner + self.braces("end")
            # Only the top of a file may define.
            if level:
                return f"# {self.braces(use)}\n" if len(self.names) > 1 else ""
            return f"{define}# {self.braces(use)}\n"
        if pick < 0.95:
            steps = "".join("{{- $_ := " + r.choice(SETTERS).replace("{v}", self.odd()) + " }}" for _ in range(r.randint(1, 3)))
            return ('{{- $d := dict "a" 1 "m" (dict "n" 2) }}{{- $alias := $d }}' + steps +
                    "# {{ $d | toJson }} {{ $alias | toJson }} {{ .Values.map | toJson }}\n")
        texts = ["{{ .x }}", "{{ $.Values.name }}", "{{ range list 1 2 }}{{ . }}{{ end }}", "{{ fail \"t\" }}", "{{", "{{ tpl \"{{ .y }}\" . }}", "{{- 1 -}}", "{{ nope }}", "{{ .a.b }}"]
        text = r.choice(texts).replace('\\', '\\\\').replace('"', '\\"')
        return "# " + self.braces(f'tpl "{text}" {r.choice(["$", ".", self.odd()])}') + "\n"

    def text(self):
        return "".join(self.statement(0) for _ in range(self.r.randint(1, 4)))
