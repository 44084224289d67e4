namespace Optc.Compiler

open Optc.Parser

/// The current values of declared names and of their suffixes.
[<Sealed>]
type Readings(c: ICompile) =
    /// A declared name with its subscripts as a number.
    member _.Number(scope: Scope, name: string, subscripts: Expr list, e: Expr) : Frame -> float =
        let position entity = c.Position scope entity subscripts e.Span

        match c.Entity scope name e.Span with
        | :? ParamEntity as p when p.IsSymbolic ->
            let position = position p
            fun frame -> Errors.numberOf e.Span (p.Value(position frame))
        | :? ParamEntity as p ->
            if subscripts.IsEmpty && p.Arity = 0 then
                fun _ -> p.Number 0
            else
                let position = position p
                fun frame -> p.Number(position frame)
        | :? VarEntity as v ->
            let position = position v
            fun frame -> v.Value[position frame]
        | :? DefinedVarEntity as d ->
            let position = position d
            fun frame -> d.Number(position frame)
        | :? ObjectiveEntity as o ->
            let position = position o
            fun frame -> o.Compute(position frame)
        | :? ConstraintEntity as row ->
            let position = position row

            fun frame ->
                let struct (_, body, _) = row.Compute(position frame)
                body
        | other -> Errors.notNumber e.Span $"{other.Kind} {name}"

    /// `x.lb`, `c[i].dual`
    member _.Suffix(scope: Scope, target: Expr, suffix: string, span: Span) : Frame -> float =
        let name, subscripts =
            match target.Kind with
            | Reference(name, subscripts) -> name, subscripts
            | _ -> Errors.fail "suffix" span $".{suffix} follows a declared name"

        let owner = c.Entity scope name target.Span
        let position = c.Position scope owner subscripts target.Span

        match owner with
        | :? VarEntity as v ->
            match suffix with
            | "val" -> fun frame -> v.Value[position frame]
            | "lb"
            | "lb0" -> fun frame -> v.Lower[position frame]
            | "ub"
            | "ub0" -> fun frame -> v.Upper[position frame]
            | "init"
            | "init0" -> fun frame -> v.Start[position frame]
            | "rc"
            | "dual" -> fun frame -> if v.ReducedCost.Length = 0 then 0.0 else v.ReducedCost[position frame]
            | "slack" ->
                fun frame ->
                    let k = position frame
                    min (v.Value[k] - v.Lower[k]) (v.Upper[k] - v.Value[k])
            | _ -> Errors.failWithHint "suffix" span $"a variable has no suffix .{suffix}" "known are .val .lb .ub .init .rc .slack"
        | :? ConstraintEntity as row ->
            let part pick = fun frame -> pick (row.Compute(position frame))

            match suffix with
            | "body"
            | "val" -> part (fun (struct (_, body, _)) -> body)
            | "lb" -> part (fun (struct (lower, _, _)) -> lower)
            | "ub" -> part (fun (struct (_, _, upper)) -> upper)
            | "slack" -> part (fun (struct (lower, body, upper)) -> min (body - lower) (upper - body))
            | "dual" -> fun frame -> if row.Dual.Length = 0 then 0.0 else row.Dual[position frame]
            | _ -> Errors.failWithHint "suffix" span $"a constraint has no suffix .{suffix}" "known are .body .dual .lb .ub .slack"
        | :? DefinedVarEntity as d when suffix = "val" -> fun frame -> d.Number(position frame)
        | :? ObjectiveEntity as o when suffix = "val" -> fun frame -> o.Compute(position frame)
        | other -> Errors.fail "suffix" span $"{other.Kind} {name} has no suffix .{suffix}"
