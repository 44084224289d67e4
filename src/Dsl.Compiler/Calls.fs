namespace Optc.Compiler

open System
open System.Globalization
open Optc.Parser

/// Functions of sets, members and strings: `card`, `ord`, `next`, `substr`, …
[<Sealed>]
type Calls(c: ICompile) =
    let text (m: Member) = m.ToString()

    /// The set that `next(i)` means: that which the dummy runs over.
    let setOf (scope: Scope) name (arguments: Expr list) span : Frame -> IndexSet =
        match arguments with
        | [ _; set ]
        | [ _; set; _ ] -> c.Set scope set
        | [ { Kind = Reference(dummy, []) } ] ->
            match scope.TryFind dummy with
            | Some { Set = Some(set, outer) } -> c.Set outer set
            | _ ->
                Errors.failWithHint
                    "no-set"
                    span
                    $"{name}({dummy}) does not say in which set: {dummy} does not run over one alone"
                    $"write {name}({dummy}, S)"
        | _ -> Errors.failWithHint "no-set" span $"{name} of an expression does not say in which set" $"write {name}(e, S)"

    /// Position in the set of the member given as first argument.
    let position (scope: Scope) name (arguments: Expr list) span : Frame -> struct (IndexSet * int) =
        let set = setOf scope name arguments span

        let items =
            match arguments.Head.Kind with
            | Tuple items -> items |> List.map (c.Member scope) |> Array.ofList
            | _ -> [| c.Member scope arguments.Head |]

        let slot = scope.Depth

        fun frame ->
            let s = set frame

            if s.Count > 0 && s.Arity <> items.Length then
                Errors.fail "dimension" span $"{name}: a member of {items.Length} component(s) in a set of dimension {s.Arity}"

            let tuple: Member[] = Array.map (fun item -> item frame) items
            let at = if s.Count = 0 then -1 else s.Find(tuple, 0)

            if at < 0 then
                let member' = Members.join tuple 0 tuple.Length _.Quoted
                Errors.fail "not-in-set" span $"{name}: {member'} is not in the set"

            struct (s, at)

    let single span name (s: IndexSet) at : Member =
        if s.Arity <> 1 then
            Errors.fail "dimension" span $"{name} gives a member of one component; the set has dimension {s.Arity}"

        let tuple: Member[] = Array.zeroCreate 1
        s.CopyTo(at, tuple, 0)
        tuple[0]

    let neighbour (scope: Scope) name (arguments: Expr list) span : Frame -> Member =
        let sign = if name = "next" || name = "nextw" then 1.0 else -1.0

        let steps =
            match arguments with
            | [ _; _; k ] -> c.Number scope k
            | _ -> fun _ -> 1.0

        let position = position scope name arguments span
        let wraps = name.EndsWith 'w'

        fun frame ->
            let struct (s, at) = position frame
            let target = at + int (sign * steps frame)

            if target >= 0 && target < s.Count then
                single span name s target
            elif wraps || s.IsCircular then
                single span name s (((target % s.Count) + s.Count) % s.Count)
            else
                let m = single span name s at
                let place = if target < 0 then "before the first" else "after the last"
                Errors.fail "set-end" span $"{name}({m.Quoted}) would be {place} member of the set"

    let substring (s: string) (first: float) (count: float) =
        let start = max 0 (int first - 1)
        let stop = min s.Length (int first - 1 + int (min count 1e9))
        if stop <= start then "" else s.Substring(start, stop - start)

    let parse (s: string) =
        match Double.TryParse(s.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, x -> Some x
        | _ -> None

    let pattern span (p: string) =
        try
            Text.RegularExpressions.Regex(p, Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds 1.0)
        with :? ArgumentException as e ->
            Errors.fail "pattern" span $"not a regular expression: {e.Message}"

    /// Functions with a numeric value; None when the name is not one of them.
    member _.Number(scope: Scope, name: string, arguments: Expr list, span: Span) : (Frame -> float) option =
        let str k = c.Member scope (List.item k arguments) >> text

        match name, arguments with
        | "card", [ set ] ->
            let set = c.Set scope set
            Some(fun frame -> float (set frame).Count)
        | "arity", [ set ] ->
            let set = c.Set scope set
            Some(fun frame -> float (set frame).Arity)
        | "ord", _ ->
            let position = position scope name arguments span

            Some(fun frame ->
                let struct (_, at) = position frame
                float (at + 1))
        | "ord0", _ ->
            let set = setOf scope name arguments span
            let item = c.Member scope arguments.Head

            Some(fun frame ->
                let s = set frame
                if s.Count = 0 then 0.0 else float (s.Find([| item frame |], 0) + 1))
        | ("num" | "num0"), [ _ ] ->
            let s = str 0

            Some(fun frame ->
                match parse (s frame) with
                | Some x -> x
                | None when name = "num0" -> 0.0
                | None -> Errors.fail "num" span $"num: '{s frame}' is not a number")
        | "length", [ _ ] ->
            let s = str 0
            Some(fun frame -> float (s frame).Length)
        | "ichar", [ _ ] ->
            let s = str 0

            Some(fun frame ->
                let s = s frame
                if s = "" then 0.0 else float (Char.ConvertToUtf32(s, 0)))
        | "match", [ _; _ ] ->
            let s = str 0
            let p = str 1

            Some(fun frame ->
                let found = (pattern span (p frame)).Match(s frame)
                if found.Success then float (found.Index + 1) else 0.0)
        | "time", [] -> Some(fun _ -> float (DateTimeOffset.UtcNow.ToUnixTimeSeconds()))
        | _ -> None

    /// Functions whose value may be a symbol; None when the name is not one of them.
    member _.Member(scope: Scope, name: string, arguments: Expr list, span: Span) : (Frame -> Member) option =
        let str k = c.Member scope (List.item k arguments) >> text
        let symbol (f: Frame -> string) = Some(fun frame -> Member.OfSymbol(f frame))

        let ``end`` pick =
            let set = c.Set scope arguments.Head

            Some(fun frame ->
                let s: IndexSet = set frame

                if s.Count = 0 then
                    Errors.fail "empty-set" span $"{name} of an empty set has no value"

                single span name s (pick s))

        match name, arguments with
        | "first", [ _ ] -> ``end`` (fun _ -> 0)
        | "last", [ _ ] -> ``end`` (fun s -> s.Count - 1)
        | ("next" | "prev" | "nextw" | "prevw"), _ -> Some(neighbour scope name arguments span)
        | "member", [ k; set ] ->
            let k = c.Number scope k
            let set = c.Set scope set

            Some(fun frame ->
                let s = set frame
                let k = k frame

                if not (k >= 1.0 && k <= float s.Count) then
                    Errors.fail "not-in-set" span $"member({k}, …): the set has {s.Count} member(s)"

                single span name s (int k - 1))
        | "substr", [ _; first ] ->
            let s, first = str 0, c.Number scope first
            symbol (fun frame -> substring (s frame) (first frame) 1e9)
        | "substr", [ _; first; count ] ->
            let s, first, count = str 0, c.Number scope first, c.Number scope count
            symbol (fun frame -> substring (s frame) (first frame) (count frame))
        | "sub", [ _; _; _ ] ->
            let s, p, r = str 0, str 1, str 2
            symbol (fun frame -> (pattern span (p frame)).Replace(s frame, r frame, 1))
        | "gsub", [ _; _; _ ] ->
            let s, p, r = str 0, str 1, str 2
            symbol (fun frame -> (pattern span (p frame)).Replace(s frame, r frame))
        | "char", [ code ] ->
            let code = c.Number scope code
            symbol (fun frame -> Char.ConvertFromUtf32(int (code frame)))
        | "sprintf", _ ->
            let values = arguments |> List.map (c.Member scope)
            symbol (fun frame -> Format.printf span (values |> List.map (fun v -> v frame)))
        | _ -> None

    /// The error of a call that no function answers.
    member _.Wrong<'T>(name: string, arguments: Expr list, span: Span) : 'T =
        if Functions.isKnown name then
            Errors.fail "arguments" span $"{name} does not take {arguments.Length} argument(s)"
        else
            let hint = Errors.didYouMean name Functions.names
            raise (ModelError(Errors.make Error "unknown-function" span $"{name} is not a function" hint))
