namespace Optc.Compiler

open Optc.Runtime.Templates

/// `norm2` has no derivatives where its operands vanish: solvers of smooth problems take √(Σ eᵢ² + δ²) for it, which is off by δ at the
/// most, and by δ²/2‖e‖ away from zero. δ stands in the data of the templates, so that a solver may begin with a large one.
[<Sealed>]
type NormRounding() =
    let mutable delta = NormRounding.Least
    let mutable cells: struct (float[] * int)[] = [||]
    let mutable problem: TemplateProblem | null = null

    /// The δ of what is solved in the end: below what an answer is judged by
    static member Least = 1e-8

    /// Null where norms stay as written
    static member Of(isWanted: bool) : NormRounding | null = if isWanted then NormRounding() else null

    /// Whether the model holds a norm2 of variables
    member val IsUsed = false with get, set
    member _.Delta = delta

    /// The places where templates of a problem hold δ.
    member _.Attach(owner: TemplateProblem, places: struct (float[] * int)[]) =
        problem <- owner
        cells <- places

    /// Sets δ, in place.
    member _.Set(value: float) =
        delta <- value

        for struct (data, cell) in cells do
            data[cell] <- value

        match problem with
        | null -> ()
        | problem -> problem.DataChanged()
