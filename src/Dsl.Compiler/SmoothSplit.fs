namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Parser
open Optc.Runtime.Solvers.BlockCoordinate

/// A model that is smooth up to separable penalties, as block coordinate descent takes it.
type SmoothModel =
    {
        Function: SmoothFunction
        Penalty: BlockPenalty
        /// The penalty and the start over all declared variables
        Separable: CompositeModel
        /// The declared position of each coordinate
        Positions: int[]
        /// Proved convex
        IsConvex: bool
        /// Lines for people: the parts that were found
        Description: string list
    }

/// Parts an objective into a smooth function, which is compiled, and the terms with kinks, which must be penalties of single
/// variables or norms of groups. What does not fit is refused at the term.
module SmoothSplit =
    let private refuse e why : 'a =
        CompositeRefusal.refuse e why CompositeRefusal.remedy

    /// Whether a kink of the variables stands anywhere in an expression; definitions are looked through.
    let private hasKink (model: Model) (analysis: Analysis) (e: Expr) : bool =
        let visited = HashSet<string>()

        let rec any (e: Expr) =
            analysis.DependsOnVariables e
            && (match e.Kind with
                | Call(("abs" | "min" | "max" | "pos" | "norm1" | "norm2" | "norminf"), _)
                | ExprKind.Binary(Less, _, _)
                | Iterated((Minimum | Maximum | Norm1 | Norm2 | NormInf), _, _)
                | PiecewiseLinear _ -> true
                | Reference(name, _) ->
                    match model.TryFind name with
                    | Some(:? DefinedVarEntity as d) when visited.Add name -> any d.Body
                    | _ -> false
                | _ -> false
                || analysis.Parts e |> List.exists any)

        any e

    /// The terms with kinks and the smooth ones, each with zeros in place of the others.
    let private part (model: Model) (analysis: Analysis) (body: Expr) : Expr * Expr =
        let rec parts (e: Expr) : Expr * Expr =
            let zero = { e with Kind = Number 0.0 }

            let inside (one: Expr) rebuild =
                let kinks, smooth = parts one
                { e with Kind = rebuild kinks }, { e with Kind = rebuild smooth }

            if not (hasKink model analysis e) then
                zero, e
            else
                match e.Kind with
                | Unary(op, a) -> inside a (fun a -> Unary(op, a))
                | ExprKind.Binary((Add | Subtract) as op, a, b) ->
                    let ak, asm = parts a
                    let bk, bsm = parts b
                    { e with Kind = ExprKind.Binary(op, ak, bk) }, { e with Kind = ExprKind.Binary(op, asm, bsm) }
                | ExprKind.Binary(Multiply, a, b) when analysis.IsData a -> inside b (fun b -> ExprKind.Binary(Multiply, a, b))
                | ExprKind.Binary(Multiply, a, b) when analysis.IsData b -> inside a (fun a -> ExprKind.Binary(Multiply, a, b))
                | ExprKind.Binary(Divide, a, b) when analysis.IsData b -> inside a (fun a -> ExprKind.Binary(Divide, a, b))
                | Iterated(IteratedOp.Sum, indexing, body) -> inside body (fun body -> Iterated(IteratedOp.Sum, indexing, body))
                | Conditional(c, a, b) when analysis.IsData c ->
                    let ak, asm = parts a
                    let other = b |> Option.map parts
                    { e with Kind = Conditional(c, ak, Option.map fst other) }, { e with Kind = Conditional(c, asm, Option.map snd other) }
                | Call(("abs" | "norm1" | "norm2"), _)
                | Iterated((Norm1 | Norm2), _, _)
                | Reference _ -> e, zero
                | _ -> refuse e "its kink is not that of a penalty (abs of a variable, norm2 of a group)"

        parts body

    /// Runs an action while the objective has another body.
    let internal withBody (model: Model) (objective: ObjectiveEntity) position body (action: unit -> 'T) : 'T =
        let other = ObjectiveEntity(objective.Name, objective.Span, objective.Indexing, objective.Sense, Some body)
        ParametricCompiler.like objective other
        let chosen = model.Objective
        model.Objective <- Some(other, position)

        try
            model.With([ other ], action)
        finally
            model.Objective <- chosen

    /// Raises ModelError where the model does not fit.
    let build (model: Model) (evaluator: Evaluator) (options: CompileOptions) : SmoothModel =
        match model.CurrentObjective with
        | Some(objective, position) when objective.Body.IsSome ->
            let kinks, smooth = part model (Analysis model) objective.Body.Value
            // The penalties and bounds; constraints and integers are refused here.
            let separable = withBody model objective position kinks (fun () -> CompositeSplit(model, evaluator).Build false)

            if separable.Problem.Matrix.RowCount > 0 then
                refuse objective.Body.Value "a defined variable holds both smooth terms and penalties; write the penalties in the objective itself"

            let compiled = withBody model objective position smooth (fun () -> ModelCompiler.compile model evaluator options)

            let positions =
                match compiled.FreePositions with
                | null -> Array.init compiled.DeclaredCount id
                | free -> free

            let place = Dictionary<int, int>()
            positions |> Array.iteri (fun k p -> place[p] <- k)
            let penalty = Optc.Runtime.Solvers.CoordinateDescent.SeparablePenalty positions.Length
            let declared = separable.Problem.Penalty

            for k in 0 .. positions.Length - 1 do
                let p = positions[k]
                penalty.L1[k] <- declared.L1[p]
                penalty.L2[k] <- declared.L2[p]
                penalty.Linear[k] <- declared.Linear[p]
                penalty.Lower[k] <- declared.Lower[p]
                penalty.Upper[k] <- declared.Upper[p]

            let groups = [| for g in separable.Groups -> PenaltyGroup(Array.map (fun p -> place[p]) g.Members, g.Weight) |]
            let several what k = if k = 1 then $"1 {what}" else $"{k} {what}s"
            let templates = several "template" compiled.Templates.Length
            let kind = if compiled.Problem.HasStages then ", with nonlinear sums" else ""

            { Function = CompiledFunction compiled.Problem
              Penalty = BlockPenalty(penalty, groups)
              Separable = { separable with Objective = objective, position }
              Positions = positions
              IsConvex = compiled.Problem.Structure.IsConvex
              Description =
                [ $"smooth part: {templates} of {Answer.className compiled.Problem.Structure} terms{kind} in {positions.Length} variables"
                  List.last separable.Description ] }
        | _ -> Errors.failWithHint "composite" Span.None "cd needs an objective" "write minimize name: expression;"
