"""Random templates: every function with arguments of the right kind, mostly."""

import json

# A function and the kinds of its parameters; a `*` repeats the kind before it.
#   s string  i integer  z small integer  n number  b boolean  l list  d map  a anything
#   r regular expression  v version  c version range  t time  f time layout  u duration
#   p path  h URL  y text to be decoded  e base64  k kind name  q printf format
SIGNATURES = """
abbrev zs|abbrevboth zzs|add n*|add1 n|add1f n|addf n*|adler32sum s|all a*|and aa*|any a*|append la
atoi s|b32dec e|b32enc s|b64dec e|b64enc s|base p|biggest nn*|bool a|camelcase s|cat a*|ceil n|chunk zl
clean p|coalesce a*|compact l|concat l*|contains ss|date ft|dateInZone fts|dateModify ut
date_in_zone fts|date_modify ut|deepCopy d|deepEqual aa|default aa|dict sa|dig ssad|dir p|div nn
divf nn*|duration n|durationDays u|durationHours u|durationMicroseconds u|durationMilliseconds u
durationMinutes u|durationNanoseconds u|durationRound u|durationRoundTo uu|durationSeconds u
durationTruncateTo uu|durationWeeks u|empty a|eq aa*|ext p|first l|float64 a|floor n|fromJson y
fromJsonArray y|fromToml y|fromYaml y|fromYamlArray y|ge nn|get ds|gt nn|has al|hasKey ds|hasPrefix ss
hasSuffix ss|htmlDate t|htmlDateInZone ts|html a*|include sa|indent zs|index ai|index ds|initial l
initials s|int a|int64 a|isAbs p|join sl|js a*|kebabcase s|keys d*|kindIs ka|kindOf a|last l|le nn|len l
len s|len d|list a*|lower s|lt nn|max nn*|maxf nn*|merge dd*|mergeOverwrite dd*|min nn*|minf nn*|mod nn
mul nn*|mulf nn*|mustAppend la|mustChunk zl|mustCompact l|mustDateModify ut|mustDeepCopy a|mustFirst l
mustFromJson y|mustHas al|mustInitial l|mustLast l|mustMerge dd*|mustMergeOverwrite dd*|mustPrepend la
mustPush la|mustRegexFind rs|mustRegexFindAll rsz|mustRegexMatch rs|mustRegexReplaceAll rss
mustRegexReplaceAllLiteral rss|mustRegexSplit rsz|mustRest l|mustReverse l|mustSlice lzz|mustToDate fs
mustToDuration u|mustToJson a|mustToPrettyJson a|mustToRawJson a|mustToToml d|mustToYaml a|mustUniq l
mustWithout la*|ne aa|nindent zs|nospace s|not a|omit ds*|or aa*|osBase p|osClean p|osDir p|osExt p
osIsAbs p|pick ds*|pluck sd*|plural ssz|prepend la|print a*|printf qa*|println a*|push la|quote a*
regexFind rs|regexFindAll rsz|regexMatch rs|regexQuoteMeta s|regexReplaceAll rss
regexReplaceAllLiteral rss|regexSplit rsz|repeat zs|replace sss|required sa|rest l|reverse l|round nz
semver v|semverCompare cv|seq zz|set dsa|sha1sum s|sha256sum s|sha512sum s|slice lzz|slice szz
snakecase s|sortAlpha l|split ss|splitList ss|splitn szs|squote a*|sub nn|subf nn*|substr zzs|swapcase s
ternary aab|title s|toDate fs|toDecimal a|toJson a|toPrettyJson a|toRawJson a|toString a|toStrings l
toToml d|toYaml a|toYamlPretty a|tpl sa|trim s|trimAll ss|trimPrefix ss|trimSuffix ss|trimall ss|trunc zs
tuple a*|typeIs ka|typeIsLike ka|typeOf a|unixEpoch t|uniq l|unset ds|until z|untilStep zzz|untitle s
upper s|urlJoin d|urlParse h|urlquery a*|values d|without la*|wrap zs|wrapWith zss|lookup ssss|fail s
"""
FUNCTIONS = [tuple(row.split()) for line in SIGNATURES.split("\n") for row in line.split("|") if row]

STRINGS = [
    "", "a", "abc", "Hello World", "foo bar  baz", " x ", "été", "日本語", "a,b,c", "a-b_c.d", "1",
    "007", "1.50", "1e3", "true", "null", "~", "yes", "0x1F", "-5", "a: b", "- a", '{"a":1}', "[1,2]",
    "line1\nline2\n", "\t", '"q"', "it's", "%d %s", "%", "x" * 20, "FooBar", "foo_bar", "$1", "\\d",
    "é\u0301", "a\x00b", "🙂", "999999999999", "12345678901234567890", ".5", "+1", "1_000", "NaN",
    ".inf", "#c", "&a", "a #b", " lead", "trail ", "multi\n\n  indent\n", "\r\n", "ß", "<b>&'\"</b>",
    "\u2028", "{{ .Values.name }}", "{{ fail \"x\" }}", "{{", "h", "w " * 50, "\ufeff", "ǅ", "İ", "a\u00adb",
]
POOLS = {
    "z": ["0", "1", "2", "3", "5", "10", "-1", "-3", "8", "20"],
    "i": ["0", "1", "2", "3", "-1", "-7", "10", "255", "1000000", "9007199254740993",
          "-9223372036854775808", "9223372036854775807", "0x10", "0b11", "0o17", "1_000", "'a'", "017"],
    "n": ["1.5", "0.1", "-2.25", "1e6", "1e21", "3.0", "123456789.125", "1e-7", "0.0", "0", "7", "-3",
          "100000000.0", "9223372036854775807", "0x1p4", "1e300", "2.675", "-0.5", "10", "2"],
    "r": ['"a"', '"[a-z]+"', '"^a.*"', '"(\\\\w)(\\\\d)?"', '""', '"[0-9]{2,3}"', '"(?i)HELLO"', '"\\\\s+"',
          '"."', '"x*"', '"(a|b)c"', '"["', '"(?P<n>l+)"', '"\\\\b"', '"[[:alpha:]]"', '"\\\\pL"', '"a**"',
          '"(?s)l.*"', '"$"', '"\\\\Qa.b\\\\E"', '"[^a]"', '"o??"', '"(?m)^l"', '"\\\\x{e9}"'],
    "v": ['"1.2.3"', '"v1.2"', '"1"', '"1.2.3-rc.1+b"', '"01.2.3"', '"1.2.3.4"', '""', '"1.27.0-gke.1"',
          ".Capabilities.KubeVersion.Version", ".Chart.Version", '"9999999999999999999.1.1"'],
    "c": ['"^1.2"', '">=1.0 <2"', '"~1.2.3"', '">= 1.2, < 3 || 5.x"', '"*"', '"1.2 - 1.4"', '"!=1.2.3"', '""',
          '">1.2.3-0"', '"=1.2"', '"^0.0.3"', '"x"', '">=a"', '"1.x.3"', '"<= 2.*"', '"~>1"', '"=>1.0"'],
    "t": ['(toDate "2006-01-02" "2024-02-29")', '(toDate "2006-01-02T15:04:05Z07:00" "2023-11-05T01:30:00-05:00")',
          "(int 1700000000)", "1700000000", "(int64 -62135596800)", '("x" | toDate "2006")'],
    "f": ['"2006-01-02"', '"Monday, 02-Jan-06 15:04:05 MST"', '"Jan _2 3:04pm (.000)"', '"__2 002 06 -0700"',
          '"2006-01-02T15:04:05.999999999Z07:00"', '""', '"été 05,000"'],
    "u": ['"1h30m"', '"90s"', '"2h"', '"1.5h"', '"-3m"', '"95"', '"1ms"', '"300us"', '""', '"x"', "95", "1.5",
          '"720h1m"', '"9223372036854775807ns"', '"1d"'],
    "p": ['"a/b/../c.txt"', '"/abs/p"', '""', '"."', '"../x"', '"a//b/"', '"x.tar.gz"', '"/"'],
    "h": ['"https://u:p@h:80/p?q=1#f"', '"a b"', '"//h/x"', '"mailto:x@y"', '"http://[::1]:80/%41"', '""',
          '":x"', '"http://h/?a=b&c=%zz"', '"http://é.x/ü?ä#ö"'],
    "e": ['"YWJj"', '"YQ=="', '"YQ"', '"MFRGG==="', '"!"', '""', '"YW Jj"', '"YWJj\\n"'],
    "y": ['"a: 1\\nb: [x, 1.0]\\n"', "`{\"a\":{\"b\":null}}`", '"[1, 2.50, \\"x\\"]"', '"a:\\n- 1\\n- b: ~\\n"', '"x"',
          '"1e3"', '"t = 1\\n[s]\\na = \\"b\\"\\n"', '"!!binary aGk="', '"a: &x 1\\nb: *x"', '"{"', '""', '"a: b: c"',
          '"<<: {a: 1}"', "`{\"a\":1e400}`", '"a = 2024-01-02T03:04:05Z\\nb = [1, 2]\\n"', '"0x1F: yes"', "`[1,]`",
          '"- 1\\n- 0777\\n"', '"a: 1\\na: 2\\n"', '"x = 1\\nx = 2\\n"', '"[[a]]\\nb = 1.5\\n[[a]]\\n"', '"\\t- x"',
          "`{\"é\":\"\\u00e9\\ud800\"}`", '"? a\\n: b\\n"', '"2024-01-02"', '"a: !!float 3"', '"[a"', '"---\\na: 1\\n---\\nb: 2\\n"'],
    "k": ['"string"', '"int"', '"int64"', '"float64"', '"map"', '"slice"', '"bool"', '"ptr"', '"invalid"',
          '"*chart.x"', '"map[string]interface {}"', '"[]interface {}"'],
}
MISC = [
    ".", "$", ".Values", ".Chart", ".Release", ".Capabilities.KubeVersion", ".Template", ".Files", "nil",
    ".Release.Name", ".Release.IsInstall", ".Chart.Name", ".Chart.AppVersion", ".Template.BasePath",
    ".Capabilities.APIVersions", '(.Capabilities.APIVersions.Has "v1")', '(.Files.Get "f/a.txt")',
    '(.Files.Glob "f/*.txt")', '(.Files.Lines "f/a.txt")', '((.Files.Glob "**.txt").AsConfig)',
    '((.Files.Glob "f/*").AsSecrets)', '(.Files.GetBytes "f/a.txt")', '(.Files.Get "nope")',
    "(dict)", "(list)", "true", "false", '""', "0", "(int 3)", "(float64 2)", "(fromJson `{\"z\":[1,{\"y\":null}]}`)",
    ".Subcharts", ".Chart.Maintainers", ".Release.Service", "$.Values", "(semver \"1.2.3\")", ".Chart.IsRoot",
    ".Capabilities.HelmVersion.Version", "(printf \"%v\" .Values)", "(urlParse \"http://a/b\")", ".nope", ".Nope",
]
VERBS = "vsdqxXtTfegGcUobp%EFvs"


def quoted(r, text):
    """A string literal."""
    if r.random() < 0.25 and not set("`\x00\r") & set(text):
        return f"`{text}`"
    return json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\ufeff", "\\ufeff")


class Templates:
    """One random template over values with known paths."""

    def __init__(self, r, paths):
        self.r = r
        self.paths = paths
        self.variables = []
        self.defined = ["h", "t.x"]
        self.loops = 0

    def reference(self):
        r = self.r
        if self.variables and r.random() < 0.3:
            return r.choice(self.variables)
        if r.random() < 0.12:
            return r.choice(MISC)
        path = "Values." + r.choice(self.paths)
        if r.random() < 0.04:
            path += ".nope"
        return ("$." if self.loops else r.choice([".", ".", "$."])) + path

    def literal(self, kind):
        r = self.r
        if kind == "s":
            return quoted(r, r.choice(STRINGS))
        if kind == "b":
            return r.choice(["true", "false"])
        if kind == "q":
            directives = []
            for _ in range(r.randint(1, 3)):
                flag = r.choice(["", "", "", "-", "+", "#", "0", " ", "+0", "#0"])
                width = r.choice(["", "", "", "5", ".2", "8.3", "*", "[1]", "[2]", ".0", "1", "20"])
                directives.append("%" + flag + width + r.choice(VERBS))
            return quoted(r, r.choice([" ", "", "|"]).join(directives))
        if kind == "l":
            return r.choice(["(until 4)", '(splitList "," "c,a,b,a")', "(list 3 1 2)", '(list "b" "a" "c")',
                             "(untilStep 0 10 3)", "(list)", "(list nil 1 nil)", '(list "a" 1 2.5 true)',
                             "(tuple (list 1) (dict \"a\" 1))", "(keys (dict \"b\" 1 \"a\" 2) | sortAlpha)"])
        if kind == "d":
            return r.choice(['(dict "a" 1 "b" "x")', "(dict)", '(dict "key" (list 1 2) "c" (dict "d" nil))',
                             "(fromYaml \"a: {b: 1}\\nc: [x]\")", '(dict "a" 1.5 "b" nil "x-y" true)',
                             '(dict "scheme" "http" "host" "h" "path" "/p" "query" "a=b")'])
        if kind in POOLS:
            return r.choice(POOLS[kind])
        return r.choice(MISC) if r.random() < 0.4 else self.reference()

    def expression(self, kind, depth):
        r = self.r
        if kind == "z":
            return self.literal("z")
        if r.random() < 0.06:
            kind = r.choice("sinbldatp")
        if kind == "l" and r.random() < 0.3:
            items = (self.expression(r.choice("sina"), depth + 1) for _ in range(r.randint(0, 4)))
            return f"(list {' '.join(items)})"
        if kind == "d" and r.random() < 0.3:
            pairs = (quoted(r, r.choice(["a", "b", "c", "key", "x"])) + " " + self.expression(r.choice("sinald"), depth + 1)
                     for _ in range(r.randint(0, 3)))
            return f"(dict {' '.join(pairs)})"
        pick = r.random()
        if depth > 3 or pick < 0.5:
            known = kind in POOLS or kind in "sbqld"
            return self.literal(kind) if known and r.random() < 0.7 else self.reference()
        return f"({self.call(depth + 1)})"

    def call(self, depth=0):
        """A function with its arguments, perhaps with the last one piped in."""
        r = self.r
        name, *kinds = r.choice(FUNCTIONS)
        kinds = kinds[0] if kinds else ""
        if name in ("fail", "required") and r.random() < 0.8:
            name, kinds = "default", "aa"
        if name == "include":
            arguments = [quoted(r, r.choice(self.defined + ["nope"] * (r.random() < 0.2))), r.choice([".", "$", self.reference()])]
        elif name == "tpl":
            text = r.choice(["{{ .Values.name }}", "{{ include \"h\" . }}", "x{{ $.Values.a }}", "{{ . }}", "{{ .x.y }}",
                             "{{ define \"z\" }}1{{ end }}{{ template \"z\" }}", "{{- range $i, $e := list 1 2 }}{{ $i }}{{ end -}}"])
            arguments = [quoted(r, text), r.choice([".", "$", "(dict \"Values\" .Values)", self.reference()])]
        else:
            arguments = []
            for at, kind in enumerate(kinds):
                if kind == "*":
                    arguments += [self.expression(kinds[at - 1], depth) for _ in range(r.randint(0, 3))]
                else:
                    arguments.append(self.expression(kind, depth))
        if arguments and r.random() < 0.03:
            arguments.pop()
        if r.random() < 0.02:
            arguments.append(self.expression("a", depth))
        if arguments and r.random() < 0.25:
            return f"{arguments[-1]} | {' '.join([name, *arguments[:-1]])}"
        return " ".join([name, *arguments])

    def action(self, at, depth=0):
        """One line of a template, or a few."""
        r = self.r
        left = "{{- " if r.random() < 0.08 else "{{ "
        right = " -}}" if r.random() < 0.06 else " }}"
        pick = r.random()
        if pick < 0.5 or depth > 2:
            after = r.choice([""] * 6 + [" | toYaml", " | quote", " | toJson", " | printf \"%v\"", " | kindOf", " | typeOf",
                                         " | toString | squote", " | nindent 4", " | default \"d\"", " | len"])
            return f"k{at}: {left}{self.call()}{after}{right}"
        if pick < 0.58:
            variables = r.choice(["", "$e := ", "$i, $e := "])
            before = list(self.variables)
            self.loops += 1
            source = self.expression(r.choice("lldaz"), 1)
            self.variables += {"": [], "$e := ": ["$e"], "$i, $e := ": ["$i", "$e"]}[variables]
            stop = r.choice(["", "", "", "{{ if $.Values.enabled }}{{ break }}{{ end }}", "{{ continue }}", "{{ break }}"])
            body = self.action(at, depth + 1) if r.random() < 0.5 else "{{ . }};"
            self.loops -= 1
            self.variables = before
            otherwise = r.choice(["", "{{ else }}none"])
            return f"r{at}: {left}range {variables}{source} }}}}{body}{stop}{otherwise}{{{{ end{right}"
        if pick < 0.66:
            before = list(self.variables)
            body = self.action(at, depth + 1) if r.random() < 0.4 else "y"
            self.variables = before
            return (f"i{at}: {left}if {self.expression('a', 1)} }}}}{body}{{{{ else if {self.expression('b', 1)} }}}}z"
                    f"{{{{ else }}}}n{{{{ end{right}")
        if pick < 0.74:
            before = list(self.variables)
            self.loops += 1
            variable = r.choice(["", "$w := "])
            source = self.expression("a", 1)
            self.variables += ["$w"] if variable else []
            body = self.action(at, depth + 1) if r.random() < 0.4 else "{{ . | toJson }}"
            self.loops -= 1
            self.variables = before
            middle = r.choice(["", f"{{{{ else with {self.expression('a', 2)} }}}}{{{{ . }}}}"])
            return f"w{at}: {left}with {variable}{source} }}}}{body}{middle}{{{{ else }}}}e{{{{ end{right}"
        if pick < 0.9:
            variable = f"$v{at}"
            value = self.call()
            if self.variables and r.random() < 0.3:
                name = r.choice(self.variables)
                return f"{{{{- {name} = {value} }}}}\nk{at}: {{{{ {name} }}}}"
            if depth == 0:
                self.variables.append(variable)
            return f"{{{{- {variable} := {value} }}}}\nk{at}: {{{{ {variable} }}}}"
        if pick < 0.95:
            name = r.choice(["t.x", f"d{at}"])
            if depth == 0:
                self.defined.append(name)
                return f"{{{{- define \"{name}\" }}}}<{{{{ {r.choice(['.', '$', '.Values', 'len .'])} }}}}>{{{{ end }}}}\nt{at}: {{{{ template \"{name}\" {self.reference()} }}}}"
        return r.choice([
            f"c{at}: {{{{/* why */}}}}x", f"m{at}: {{{{- /* a */ -}}}} x",
            f"q{at}: {{{{ `raw` }}}}{{{{ \"\\u00e9\\n\" | quote }}}}", f"x{at}: {{{{ {self.reference()}",
            f"n{at}: {{{{ ({self.reference()}).a }}}}", f"o{at}: {{{{ {self.literal(r.choice('in'))} }}}}",
            f"b{at}: {{{{ block \"blk{at}\" {self.reference()} }}}}[{{{{ . }}}}]{{{{ end }}}}",
            f"g{at}: {{{{ and {self.reference()} ({self.call(1)}) }}}}", f"e{at}: {{{{ end }}}}",
            f"p{at}: {{{{ $x{at} := 1 }}}}{{{{ if true }}}}{{{{ $x{at} = 2 }}}}{{{{ $x{at} := 3 }}}}{{{{ end }}}}{{{{ $x{at} }}}}",
        ])

    def text(self):
        r = self.r
        lines = [self.action(at) for at in range(r.randint(1, 4))]
        return "\n".join(lines) + r.choice(["\n", "\n", ""])
