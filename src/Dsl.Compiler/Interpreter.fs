namespace Optc.Compiler

open System
open System.Collections.Generic
open System.IO
open Optc.Parser

/// How a statement of a loop's body ended.
[<RequireQualifiedAccess>]
type Flow =
    | Next
    | Break
    | Continue

/// What the commands of a model need from outside.
type Surroundings =
    {
        /// `display`, `print` and `printf` write here.
        Output: TextWriter
        /// Relative file names are meant from here.
        Directory: string
        /// Solves the model as it stands and leaves the values in its entities.
        Solve: Model -> unit
        /// `lmax` of a path along the parameter at a span, with a way to set it
        LargestPenalty: Model -> Evaluator -> Span -> (float -> unit) -> float
        /// Whether an option and its value mean something here; others are reported once as ignored.
        IsOption: string -> string -> bool
    }

/// Runs statements in their order. A statement is compiled when it is reached, with what its blocks hold.
[<Sealed>]
type Interpreter(model: Model, evaluator: Evaluator, loader: DataLoader, surroundings: Surroundings, beforeSolve: unit -> unit) =
    let kinds = evaluator.Kinds
    let output = surroundings.Output
    let assignments = Assignments(model, evaluator)
    let tables = TableCommands(model, evaluator, loader, surroundings.Directory)
    let ignored = HashSet<string>()
    let files = Dictionary<string, StreamWriter>()
    let mutable solves = 0
    let next (action: Frame -> unit) : Frame -> Flow =
        fun frame ->
            action frame
            Flow.Next

    let enter (scope: Scope) (indexing: Indexing option) : Scope * (Frame -> (unit -> unit) -> unit) =
        match indexing with
        | None -> scope, (fun _ action -> action ())
        | Some indexing ->
            let inner, plan = evaluator.Indexing(scope, indexing)
            inner, (fun frame action -> plan.Enumerate(frame, action))

    let writer (redirect: string option) : TextWriter =
        match redirect with
        | None -> output
        | Some file ->
            let path = Path.Combine(surroundings.Directory, file)

            match files.TryGetValue path with
            | true, writer -> writer
            | _ ->
                let writer = new StreamWriter(path)
                writer.NewLine <- "\n"
                files[path] <- writer
                writer

    let textOf (e: Expr) =
        match e.Span.Source with
        | null -> "value"
        | source -> source.Text.Substring(e.Span.Start, e.Span.End - e.Span.Start)

    let check scope indexing (e: Expr) (span: Span) : Frame -> unit =
        let inner, each = enter scope indexing
        let holds = evaluator.Logic(inner, e)

        fun frame ->
            each frame (fun () ->
                if not (holds frame) then
                    let place =
                        [ for name in inner.Names do
                              let slot = (inner.TryFind name).Value.Slot
                              slot, $"{name} = {frame[slot].Quoted}" ]
                        |> List.sortBy fst
                        |> List.map snd

                    let where =
                        if place.IsEmpty then
                            ""
                        else
                            let list = String.Join(", ", place)
                            $" for {list}"

                    Errors.fail "check" span $"check failed{where}: {textOf e}")

    let setOption (name: string) (value: Expr option) (span: Span) : Frame -> unit =
        match value with
        | None ->
            fun _ ->
                match model.Options.TryGetValue name with
                | true, text -> output.WriteLine $"option {name} {text};"
                | _ -> output.WriteLine $"option {name} '';"
        | Some e ->
            let value = evaluator.Member(Scope.Root, e)

            fun frame ->
                let v = value frame
                model.Options[name] <- v.ToString()

                if name = "randseed" then
                    model.Random.Reseed(if v.IsNumber then int64 v.Number else 1L)
                elif not (surroundings.IsOption name model.Options[name]) && ignored.Add name then
                    model.Diagnostics.Add(Errors.make
                            Note
                            "ignored-option"
                            span
                            $"option {name} has no meaning here and is ignored"
                            (Some $"options of optc's solvers are given on the command line: --option {name}={v}"))

    let displayed = Displayed(model, evaluator, output)

    /// The values of print's arguments: a set gives its members.
    let values scope (items: Expr list) : Frame -> Member list =
        let parts =
            items
            |> List.map (fun e ->
                if kinds.IsSet(scope, e) then
                    let set = evaluator.Set(scope, e)

                    fun (frame: Frame) ->
                        let s = set frame
                        let members: Member[] = Array.zeroCreate (max 1 s.Arity)

                        [ for k in 0 .. s.Count - 1 do
                              s.CopyTo(k, members, 0)
                              yield! List.init s.Arity (fun c -> members[c]) ]
                else
                    let value = evaluator.Member(scope, e)
                    // Not rounded as members are: what is printed is the number itself.
                    if kinds.MayBeSymbol(scope, e) then
                        fun frame -> [ value frame ]
                    else
                        let number = evaluator.Number(scope, e)
                        fun frame -> [ { Number = number frame; Symbol = null } ])

        fun frame -> parts |> List.collect (fun part -> part frame)

    let print scope indexing items (redirect: Expr option) (span: Span) formatted : Frame -> unit =
        let inner, each = enter scope indexing
        let values = values inner items
        let redirect = redirect |> Option.map (fun e -> evaluator.Member(scope, e))

        fun frame ->
            let file = redirect |> Option.map (fun file -> (file frame).ToString())

            let target =
                try
                    writer file
                with
                | :? IOException as e -> Errors.fail "file" span e.Message
                | :? UnauthorizedAccessException as e -> Errors.fail "file" span e.Message

            each frame (fun () ->
                if formatted then
                    target.Write(Format.printf span (values frame))
                else
                    target.WriteLine(String.Join(" ", values frame |> List.map (fun m -> if m.IsNumber then Format.general m.Number 10 false else m.ToString()))))

    let solve () =
        beforeSolve ()
        solves <- solves + 1
        surroundings.Solve model
        model.VariablesChanged()

    let path scope (statement: PathStatement) span : Frame -> unit =
        let give = fun value -> assignments.Let(scope, None, statement.Target, { statement.Target with Kind = Number value })

        let largest span give =
            beforeSolve ()
            surroundings.LargestPenalty model evaluator span give

        SolvePath.compile model evaluator scope statement span give solve largest (fun frame ->
            match statement.Redirect with
            | None -> output, SolvePath.Text
            | Some file ->
                let name = (evaluator.Member(scope, file) frame).ToString()
                (try
                    writer (Some name)
                 with
                 | :? IOException as e -> Errors.fail "file" span e.Message
                 | :? UnauthorizedAccessException as e -> Errors.fail "file" span e.Message),
                SolvePath.formatOf name)

    let rec block scope (statements: Statement list) : Frame -> Flow =
        let compiled = lazy (statements |> List.map (compile scope) |> Array.ofList)

        fun frame ->
            let mutable flow = Flow.Next
            let mutable k = 0

            while k < compiled.Value.Length && flow = Flow.Next do
                flow <- compiled.Value[k] frame
                k <- k + 1

            flow

    and loop scope (indexing: Indexing) body : Frame -> Flow =
        let inner, plan = evaluator.Indexing(scope, indexing)
        let body = block inner body

        fun frame ->
            // The members are those at the start: the body may change what the sets are computed from.
            let domain = plan.Domain frame
            let mutable position = 0

            while position < domain.Count do
                domain.CopyTo(position, frame, plan.First)
                position <- if body frame = Flow.Break then Int32.MaxValue else position + 1

            Flow.Next

    and repeat scope (before: (bool * Expr) option) body (after: (bool * Expr) option) : Frame -> Flow =
        // True when the loop goes on
        let test condition =
            match condition with
            | Some(sense, e) ->
                let holds = evaluator.Logic(scope, e)
                fun frame -> holds frame = sense
            | None -> fun _ -> true

        let before = test before
        let after = test after
        let body = block scope body

        fun frame ->
            let mutable go = true

            while go && before frame do
                go <- body frame <> Flow.Break && after frame

            Flow.Next

    and compile (scope: Scope) (s: Statement) : Frame -> Flow =
        match s.Kind with
        | Data statement -> next (fun _ -> loader.Load statement)
        | Check(indexing, e) -> next (check scope indexing e s.Span)
        | Let(indexing, target, value) -> next (assignments.Let(scope, indexing, target, value))
        | Fix(indexing, target, value) -> next (assignments.Fix(scope, indexing, target, value))
        | Unfix(indexing, target) -> next (assignments.Unfix(scope, indexing, target))
        | Drop(indexing, target) -> next (assignments.SetDropped(scope, indexing, target, true))
        | Restore(indexing, target) -> next (assignments.SetDropped(scope, indexing, target, false))
        | UseObjective target -> next (assignments.UseObjective target)
        | StatementKind.Option settings ->
            let actions = settings |> List.map (fun (name, value) -> setOption name value s.Span)
            next (fun frame -> actions |> List.iter (fun action -> action frame))
        | Solve -> next (fun _ -> solve ())
        | Path statement -> next (path scope statement s.Span)
        | Display items -> next (displayed.Compile(scope, items))
        | Print(indexing, items, redirect) -> next (print scope indexing items redirect s.Span false)
        | Printf(indexing, items, redirect) -> next (print scope indexing items redirect s.Span true)
        | For(indexing, body) -> loop scope indexing body
        | If(condition, whenTrue, whenFalse) ->
            let condition = evaluator.Logic(scope, condition)
            let whenTrue = block scope whenTrue
            let whenFalse = block scope whenFalse
            fun frame -> if condition frame then whenTrue frame else whenFalse frame
        | Repeat(before, body, after) -> repeat scope before body after
        | Break -> fun _ -> Flow.Break
        | Continue -> fun _ -> Flow.Continue
        | ReadTable name -> next (fun _ -> tables.Read(name, s.Span))
        | WriteTable name -> next (fun _ -> tables.Write(name, s.Span))
        | SetDeclaration _
        | ParamDeclaration _
        | VarDeclaration _
        | ObjectiveDeclaration _
        | ConstraintDeclaration _
        | LowerDeclaration _
        | BlockDeclaration _
        | Expectation _
        | Table _
        | Include _
        | Command _ -> fun _ -> Flow.Next

    /// How often the model was solved
    member _.Solves = solves
    member _.Solve() = solve ()
    member _.Run(s: Statement) : unit = compile Scope.Root s (Scope.NewFrame()) |> ignore

    interface IDisposable with
        member _.Dispose() =
            for file in files.Values do
                file.Dispose()
