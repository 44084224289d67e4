namespace Optc.Parser

/// The words that mean something to the parser. The number of a word is its place in `Words.names`, which is
/// loaded into every symbol table first.
type internal Word =
    | None = 0
    | Set = 1
    | Param = 2
    | Var = 3
    | Minimize = 4
    | Maximize = 5
    | Subject = 6
    | Subj = 7
    | If = 8
    | Then = 9
    | Else = 10
    | Sum = 11
    | Prod = 12
    | Min = 13
    | Max = 14
    | In = 15
    | And = 16
    | Or = 17
    | Not = 18
    | Union = 19
    | Inter = 20
    | Diff = 21
    | SymDiff = 22
    | Cross = 23
    | SetOf = 24
    | Exists = 25
    | ForAll = 26
    | By = 27
    | Div = 28
    | Mod = 29
    | Less = 30
    | Default = 31
    | Integer = 32
    | Binary = 33
    | Symbolic = 34
    | Dimen = 35
    | Complements = 36
    | Infinity = 37
    // From here on words are keywords only where their construct may begin.
    | Within = 38
    | Lower = 39
    | Block = 40
    | Over = 41
    | End = 42
    | Expect = 43
    | Norm1 = 44
    | Norm2 = 45
    | NormInf = 46
    | LogSumExp = 47
    | Ordered = 48
    | Circular = 49
    | Interval = 50
    | Let = 51
    | Fix = 52
    | Unfix = 53
    | Drop = 54
    | Restore = 55
    | Objective = 56
    | Option = 57
    | Solve = 58
    | Display = 59
    | Print = 60
    | Printf = 61
    | Check = 62
    | Include = 63
    | Model = 64
    | Data = 65
    | For = 66
    | Repeat = 67
    | While = 68
    | Until = 69
    | Table = 70
    | Read = 71
    | Write = 72
    | Reset = 73
    | Break = 74
    | Continue = 75
    | To = 76
    | Reversed = 77
    | TableInWord = 78
    | TableOutWord = 79
    | TableInOutWord = 80
    | Quit = 81
    | Exit = 82
    | Coeff = 83
    | Cover = 84
    | Obj = 85
    | Suffix = 86
    // Statements of AMPL that are refused; the last one ends the table.
    | Node = 87
    | Arc = 88
    | Function = 89
    | Problem = 90
    | Environ = 91
    | Call = 92
    | Shell = 93
    | Commands = 94
    | Redeclare = 95
    | Purge = 96
    | Delete = 97
    | Update = 98
    | Close = 99
    | Remove = 100
    | Load = 101
    | Unload = 102
    | Show = 103
    | Xref = 104
    | Expand = 105
    | Solexpand = 106
    | Solution = 107
    | Csvdisplay = 108
    | Cd = 109
    | Export = 110
    | Import = 111
    | Reload = 112
    | Logical = 113
    | Options = 114
    | Path = 115

module internal Words =

    /// In the order of the cases of `Word`.
    let names =
        [| ""; "set"; "param"; "var"; "minimize"; "maximize"; "subject"; "subj"; "if"; "then"; "else"; "sum"
           "prod"; "min"; "max"; "in"; "and"; "or"; "not"; "union"; "inter"; "diff"; "symdiff"; "cross"; "setof"
           "exists"; "forall"; "by"; "div"; "mod"; "less"; "default"; "integer"; "binary"; "symbolic"; "dimen"
           "complements"; "Infinity"; "within"; "lower"; "block"; "over"; "end"; "expect"; "norm1"; "norm2"
           "norminf"; "logsumexp"; "ordered"; "circular"; "interval"; "let"; "fix"; "unfix"; "drop"; "restore"
           "objective"; "option"; "solve"; "display"; "print"; "printf"; "check"; "include"; "model"; "data"
           "for"; "repeat"; "while"; "until"; "table"; "read"; "write"; "reset"; "break"; "continue"; "to"
           "reversed"; "IN"; "OUT"; "INOUT"; "quit"; "exit"; "coeff"; "cover"; "obj"; "suffix"; "node"; "arc"
           "function"; "problem"; "environ"; "call"; "shell"; "commands"; "redeclare"; "purge"; "delete"
           "update"; "close"; "remove"; "load"; "unload"; "show"; "xref"; "expand"; "solexpand"; "solution"
           "csvdisplay"; "cd"; "export"; "import"; "reload"; "logical"; "options"; "path" |]

    /// AMPL's core words, which may not be names.
    let isReserved (word: Word) =
        word >= Word.Set && word <= Word.Infinity

    /// Functions of a set that may be applied to braces directly, `card {i in I: c[i] > 0}`.
    let takesBraces (name: string) =
        name = "card" || name = "first" || name = "last"

    /// Words that begin a declaration and can stand nowhere else: where one opens a line, a new statement begins.
    let beginsDeclaration (word: Word) =
        word >= Word.Set && word <= Word.Subj

    /// Words that begin a statement if what follows them fits.
    let mayBeginStatement (word: Word) =
        beginsDeclaration word
        || word = Word.If
        || match word with
           | Word.Lower
           | Word.Block
           | Word.End
           | Word.Options
           | Word.Path
           | Word.Expect -> true
           | _ -> word >= Word.Let && word <= Word.Reset || word >= Word.Quit && word <= Word.Reload

    let isFlow (word: Word) =
        word = Word.While || word = Word.Until

    /// What a misspelt first word of a statement may have been.
    let statements =
        [| "set"; "param"; "var"; "minimize"; "maximize"; "subject to"; "lower"; "block"; "expect"; "let"; "fix"
           "unfix"; "drop"; "restore"; "objective"; "option"; "solve"; "display"; "print"; "printf"; "check"
           "include"; "model"; "data"; "repeat"; "table"; "reset"; "path" |]

    /// Operators over an indexing.
    let iterated = [| "sum"; "prod"; "min"; "max"; "setof"; "union"; "inter"; "exists"; "forall"; "norm1"; "norm2"; "norminf"; "logsumexp" |]

    /// Operators of AMPL that only constraint programming solvers understand.
    let constraintProgramming =
        [| "alldiff"; "count"; "numberof"; "atmost"; "atleast"; "exactly" |]

    /// Words that stand between operands only, so that where an operand is due they can be a name.
    let isInfixOnly (word: Word) =
        match word with
        | Word.Diff
        | Word.SymDiff
        | Word.Cross
        | Word.Inter
        | Word.Less
        | Word.By -> true
        | _ -> false

    /// Functions of AMPL: a declaration may hide one, with a warning.
    let functions =
        System.Collections.Generic.HashSet(
            [| "abs"; "sqrt"; "exp"; "log"; "log10"; "sin"; "cos"; "tan"; "asin"; "acos"; "atan"; "atan2"; "sinh"
               "cosh"; "tanh"; "asinh"; "acosh"; "atanh"; "ceil"; "floor"; "round"; "trunc"; "precision"; "card"
               "first"; "last"; "next"; "prev"; "ord"; "member"; "Uniform"; "Uniform01"; "Normal"; "Normal01"
               "Exponential"; "Poisson"; "Irand224" |]
        )
