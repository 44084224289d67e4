namespace Optc.Compiler

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open Optc.Parser
open Optc.Runtime.Solvers
open Optc.Runtime.Solvers.AugmentedLagrangian
open Optc.Runtime.Solvers.Inner
open Optc.Runtime.Solvers.Bilevel

/// Files as the parser's sources.
module SourceFiles =
    /// The text of a file, or why there is none.
    let read (name: string) : Result<Source, string> =
        try
            Ok(Source(name, SourceFile.read name))
        with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> Result.Error $"there is no file '{name}'"
        | :? UnauthorizedAccessException when Directory.Exists name -> Result.Error $"'{name}' is a directory"
        | :? UnauthorizedAccessException
        | :? IOException as e -> Result.Error $"'{name}' cannot be read: {e.Message}"

    /// Files that a text of a program includes, relative to a folder.
    let open' (directory: string) (name: string) : Result<Source, string> =
        read (Path.Combine(directory, name))

/// What options mean, for the command line and for programs alike.
module EngineSettings =
    /// Bytes of stack for everything that walks syntax trees: long sums are deep.
    let stackSize = 512 <<< 20

    let fail code message hint : 'a =
        raise (ModelError(Errors.make Error code Span.None message hint))

    /// `option` names that mean something here.
    let isOption (name: string) =
        match name with
        | "nonsmooth"
        | "relax_integrality"
        | "randseed" -> true
        | _ -> false

    let settingValue (text: string) : Member =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, number -> Member.OfNumber number
        | _ -> Member.OfSymbol text

    /// Whether an option is one of the bilevel solver.
    let isBilevelOption (name: string) =
        BilevelOptions.Table.Entries |> Seq.exists (fun e -> String.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase))

    /// A solver's options from those given that are not the compiler's and are wanted.
    let optionsOf (table: OptionTable<'T>) (start: 'T) (isWanted: string -> bool) (given: EngineOptions) : 'T =
        let mutable options = start

        for pair in given.SolverOptions do
            if not (isOption pair.Key) && isWanted pair.Key then
                try
                    options <- table.With(options, pair.Key, pair.Value)
                with
                | :? ArgumentException
                | :? FormatException
                | :? OverflowException as e -> fail "solver-option" e.Message None

        options

    /// Options of the solver: those given that are neither the compiler's nor the bilevel solver's.
    let solverOptions (given: EngineOptions) : AugmentedLagrangianOptions =
        optionsOf AugmentedLagrangianOptions.Table (AugmentedLagrangianOptions()) (isBilevelOption >> not) given

    /// Options of the bilevel solver; the number of starts is given to it as to all.
    let bilevelOptions (given: EngineOptions) : BilevelOptions =
        let start = if given.Starts > 1 then BilevelOptions(Starts = given.Starts) else BilevelOptions()
        optionsOf BilevelOptions.Table start isBilevelOption given

    /// Refuses an inner method that makes no sense for the model, saying why.
    let checkInner (compiled: CompiledModel) (options: AugmentedLagrangianOptions) : unit =
        let name = InnerMethods.Name options.Inner

        // The automatic choice looks at it, and its tables belong to the compilation.
        if options.Inner = InnerMethod.Auto then
            compiled.Problem.LeastSquares |> ignore

        match InnerMethods.Obstacle(options.Inner, compiled.Problem) with
        | _ when not (isNull compiled.Bilevel) && options.Inner <> InnerMethod.Auto && options.Inner <> InnerMethod.Newton ->
            fail "inner" $"inner={name} is not for this model: it has a lower problem" (Some "leave inner to optc")
        | _ when compiled.Conditions.Length > 0 && options.Inner <> InnerMethod.Auto && options.Inner <> InnerMethod.Newton ->
            fail "inner" $"inner={name} is not for this model: it has complementarity conditions" (Some "leave inner to optc")
        | null -> ()
        | reason -> fail "inner" $"inner={name} is not for this model: {reason}" (Some "leave inner to optc, or choose another method")

    /// Options of the compiler from `option` commands, which those given override.
    let compileOptions (model: Model) (given: EngineOptions) : CompileOptions =
        let own = Dictionary<string, string>()

        for name in [ "nonsmooth"; "relax_integrality" ] do
            match model.Options.TryGetValue name with
            | true, value -> own[name] <- value
            | _ -> ()

        for pair in given.SolverOptions do
            if isOption pair.Key then
                own[pair.Key] <- pair.Value

        let value name =
            match own.TryGetValue name with
            | true, value -> value
            | _ -> ""

        { Kernels =
            (match given.Kernels with
             | "auto" -> Automatic
             | "interpreted" -> Interpreted
             | "compiled" -> Compiled
             | other -> fail "option" $"kernels are 'auto', 'interpreted' or 'compiled', not '{other}'" None)
          Kinks =
            (match value "nonsmooth" with
             | ""
             | "exact" -> ExactOnly
             | "active" -> ActiveBranch
             | other -> fail "option" $"option nonsmooth is 'exact' or 'active', not '{other}'" None)
          RelaxIntegrality = (value "relax_integrality" = "1")
          // Cones take norms as they are.
          RoundNorms = (given.Solver <> "admm")
          Refreshable = false }
