namespace Optc.Compiler

open System
open System.Collections.Generic
open System.IO
open Optc.Parser

/// How an `expect` statement came out.
type ExpectOutcome =
    {
        Statement: ExpectStatement
        Span: Span
        /// As written: `risk = 0.01234`
        Text: string
        Passed: bool
        /// The condition does not hold; then `Passed`
        Skipped: bool
        /// nan for a status
        Actual: float
        Expected: float
        Tolerance: float
    }

/// A model from its syntax tree to its results: names bound, data loaded, commands run in file order.
[<Sealed>]
type ModelSession(tree: SyntaxTree, surroundings: Surroundings) =
    let model = Model tree
    let binder = Binder model
    let evaluator = binder.Evaluator
    let loader = DataLoader model
    let overrides = ResizeArray<struct (string * Member)>()
    let deferred = ResizeArray<Statement>()
    let mutable checkedStamp = -1L
    // The interpreter's, which is made below: a solve runs the checks that wait.
    let mutable runStatement: Statement -> unit = ignore

    let guarded (action: unit -> unit) : bool =
        try
            DeepStack.run action
            true
        with
        | ModelError d ->
            model.Diagnostics.Add d
            false
        | :? OverflowException as e ->
            model.Diagnostics.Add(Errors.error "too-large" Span.None e.Message)
            false

    let hasErrors () = model.Diagnostics |> Seq.exists (fun d -> d.Severity = Error)

    /// Given members of sets and values of parameters against their domains and attributes.
    let checkGiven () =
        for entity in model.Entities do
            guarded (fun () ->
                match entity with
                | :? SetEntity as s when not (isNull s.Given) ->
                    let key: Member[] = Array.zeroCreate (max 1 s.Arity)

                    for k in 0 .. s.Given.Values.Count - 1 do
                        s.Given.Index.CopyTo(k, key, 0)

                        match s.Domain.Find(key, 0) with
                        | -1 ->
                            let name = Members.quotedName s.Name key 0 s.Arity
                            Errors.fail "data-subscript" s.Given.Spans[k] $"members are given for {name}, which is outside the index set of {s.Name}"
                        | position -> s.Item position |> ignore
                | :? ParamEntity as p -> p.Check()
                | _ -> ())
            |> ignore

    let stopOnErrors () =
        match model.Diagnostics |> Seq.tryFindBack (fun d -> d.Severity = Error) with
        | Some d ->
            model.Diagnostics.Remove d |> ignore
            raise (ModelError d)
        | None -> ()

    let beforeSolve () =
        if checkedStamp <> model.Stamp then
            checkGiven ()
            stopOnErrors ()
            checkedStamp <- model.Stamp

        let checks = deferred.ToArray()
        deferred.Clear()

        for s in checks do
            runStatement s

        // Bounds that cross and starts without a value are errors before the solve.
        for v in model.Variables do
            v.Lower |> ignore
            v.Start |> ignore

    let interpreter = new Interpreter(model, evaluator, loader, surroundings, beforeSolve)
    do runStatement <- interpreter.Run

    let applyOverrides () =
        for struct (name, value) in overrides do
            match model.TryFind name with
            | Some(:? ParamEntity as p) when p.Arity = 0 ->
                loader.Overridden.Add name |> ignore

                guarded (fun () ->
                    if not p.IsSymbolic then
                        if not (isNull value.Symbol) then
                            Errors.failWithHint
                                "override"
                                p.Span
                                $"--set {name}={value.Symbol}: parameter {name} takes a number"
                                $"write numbers as 0.08 or 1e-3, or declare param {name} symbolic"
                        elif not (Double.IsFinite value.Number || Double.IsInfinity value.Number) then
                            Errors.fail "override" p.Span $"--set {name}: NaN is not a value of a parameter"

                    p.Give(0, value)
                    p.CheckAt 0
                    model.Changed p)
                |> ignore
            | Some(:? ParamEntity as p) ->
                let hint = Some "give its values in a data file, with --data"
                model.Diagnostics.Add(Errors.make Error "override" p.Span $"{name} cannot be set from outside: it is indexed" hint)
            | Some other ->
                model.Diagnostics.Add(Errors.error "override" other.Span $"{name} cannot be set from outside: only parameters can, and it is declared as {other.Kind}")
            | None ->
                let hint = Errors.didYouMean name model.Names
                model.Diagnostics.Add(Errors.make Error "unknown-name" Span.None $"there is no parameter {name} to set" hint)

    let rec solves (statements: Statement list) =
        statements
        |> List.exists (fun s ->
            match s.Kind with
            | Solve
            | Path _ -> true
            | For(_, body)
            | Repeat(_, body, _) -> solves body
            | If(_, a, b) -> solves a || solves b
            | _ -> false)

    let isDeclaration (s: Statement) =
        match s.Kind with
        | Table _ -> true
        | _ -> Syntax.isDeclaration s

    /// The order in which statements run. Where all the data stand behind the last solve, as GNU MathProg has it and as a
    /// data file behind a model with commands gives, they are read before the first command.
    let inOrder (statements: Statement list) : Statement list =
        let isData (s: Statement) = match s.Kind with Data _ -> true | _ -> false

        match statements |> List.tryFindIndexBack (fun s -> solves [ s ]) with
        | Some last when not (statements |> List.take last |> List.exists isData) ->
            let data, others = List.partition isData statements
            let declarations = List.takeWhile isDeclaration others
            declarations @ data @ List.skip declarations.Length others
        | _ -> statements

    let compare (relation: BinaryOp) actual expected tolerance =
        match relation with
        | LessOrEqual -> actual <= expected + tolerance
        | GreaterOrEqual -> actual >= expected - tolerance
        | _ -> actual = expected || abs (actual - expected) <= tolerance

    let expectation (s: Statement) (x: ExpectStatement) : ExpectOutcome =
        let frame = Scope.NewFrame()
        let number e = evaluator.Number (Scope.Root, e) frame

        let text =
            match s.Span.Source with
            | null -> ""
            | source -> source.Text.Substring(s.Span.Start, s.Span.End - s.Span.Start).TrimEnd(';', ' ')

        let outcome passed skipped actual expected tolerance =
            { Statement = x
              Span = s.Span
              Text = text
              Passed = passed
              Skipped = skipped
              Actual = actual
              Expected = expected
              Tolerance = tolerance }

        let applies =
            match x.Condition with
            | Some c -> evaluator.Logic (Scope.Root, c) frame
            | None -> true

        if not applies then
            outcome true true nan nan nan
        else
            match x.Target.Kind, x.Value.Kind with
            | Reference("status", []), (Reference(wanted, []) | Text wanted) when (model.TryFind "status").IsNone ->
                outcome (String.Equals(wanted, model.Status, StringComparison.OrdinalIgnoreCase)) false nan nan nan
            | _ ->
                let actual = number x.Target
                let expected = number x.Value

                let tolerance =
                    match x.Tolerance with
                    | Some t -> number t
                    | None -> 1e-6 * max 1.0 (abs expected)

                outcome (compare x.Relation actual expected tolerance) false actual expected tolerance

    member _.Model = model
    member _.Evaluator = evaluator
    member _.Diagnostics = model.Diagnostics

    /// Gives a scalar parameter a value that goes before `:=`, `default` and data, as `--set name=value` does. Before `Run`.
    member _.Override(name: string, value: Member) = overrides.Add(struct (name, value))

    /// Binds names and checks every statement without running any. True without errors.
    member _.Bind() : bool = binder.Bind()

    /// Runs the statements in their order, and a solve at the end when the file has none (unless `solveAtEnd` is false).
    /// False when it stopped at an error, which is in the diagnostics. After `Bind`.
    member _.Run(solveAtEnd: bool) : bool =
        use interpreter = interpreter
        let statements = tree.Statements
        let hasSolve = solves statements
        let mutable rest = inOrder statements
        let mutable failed = hasErrors ()

        if not failed then
            applyOverrides ()
            failed <- hasErrors ()

        while not rest.IsEmpty do
            let s = rest.Head
            rest <- rest.Tail

            match s.Kind with
            | Check _ when interpreter.Solves = 0 -> deferred.Add s
            | Data _ -> failed <- not (guarded (fun () -> interpreter.Run s)) || failed
            | _ when failed -> ()
            | _ -> failed <- not (guarded (fun () -> interpreter.Run s))

        if not failed && not hasSolve then
            failed <- not (guarded (if solveAtEnd then interpreter.Solve else beforeSolve))
        elif not failed then
            failed <- not (guarded (fun () -> for s in deferred.ToArray() do interpreter.Run s))

        not failed

    /// The `expect` statements against the current values, in their order.
    member _.Expectations() : ExpectOutcome list =
        tree.Statements
        |> List.choose (fun s ->
            match s.Kind with
            | Expectation x -> Some(expectation s x)
            | _ -> None)

    /// Checks given values, deferred `check` statements and bounds, as before every solve. True without errors.
    member _.CheckData() : bool = guarded beforeSolve

    /// Sets the values of a numeric parameter in the order of its index set; what is computed from it is evaluated again
    /// on demand. The values are not checked against the attributes. Allocates nothing once the storage stands.
    member _.SetParam(name: string, values: ReadOnlySpan<float>) : unit =
        match model.Find name with
        | :? ParamEntity as p when not p.IsSymbolic ->
            let count = p.Domain.Count

            if values.Length <> count then
                raise (ArgumentException($"parameter {name} has {count} values, not {values.Length}", nameof values))

            if not p.IsPrepared then
                p.Prepare()

            for k in 0 .. count - 1 do
                let slot = p.Slot k
                p.Numbers[slot] <- values[k]
                p.States[slot] <- State.Given

            model.Changed p
        | null -> raise (ArgumentException($"there is no parameter {name}", nameof name))
        | other -> raise (ArgumentException($"{name} is a {other.Kind}, not a numeric parameter", nameof name))
