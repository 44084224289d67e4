namespace Optc.Compiler

open Optc.Parser

/// The variables that a declaration names as its own (a block behind its colon, a follower behind `over`): single ones or whole families,
/// either over an indexing.
module NamedVariables =
    /// The family, and a way to call back with the positions for the dummies in a frame. What is no variable is refused with a code, by
    /// what is wanted and how to say it.
    let compile (model: Model) (evaluator: Evaluator) code wanted remedy (scope: Scope) (indexing: Indexing option) (e: Expr) : VarEntity * (Frame -> (int -> unit) -> unit) =
        let refuse message : 'a = Errors.failWithHint code e.Span message remedy

        let inner, each =
            match indexing with
            | None -> scope, (fun (_: Frame) action -> action ())
            | Some indexing ->
                let inner, plan = evaluator.Indexing(scope, indexing)
                inner, (fun frame action -> plan.Enumerate(frame, action))

        match e.Kind with
        | Reference(name, subscripts) ->
            match model.TryFind name with
            | Some(:? VarEntity as v) when subscripts.IsEmpty && v.Arity > 0 ->
                v,
                fun frame action ->
                    each frame (fun () ->
                        for k in 0 .. v.Domain.Count - 1 do
                            action k)
            | Some(:? VarEntity as v) ->
                let place = evaluator.Position(inner, v, subscripts, e.Span)
                v, (fun frame action -> each frame (fun () -> action (place frame)))
            | Some other -> refuse $"{name} is a {other.Kind}, and {wanted}"
            | None -> Errors.fail "unknown-name" e.Span $"{name} is not declared"
        | _ -> refuse wanted
