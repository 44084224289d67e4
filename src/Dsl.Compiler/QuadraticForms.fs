namespace Optc.Compiler

open System
open System.Collections.Generic
open Optc.Runtime.Native

/// A symmetric matrix collected entry by entry, and whether it is positive semidefinite.
[<Sealed>]
type QuadraticForm() =
    let entries = Dictionary<struct (int * int), float>()

    /// Largest order, entries of the factor and multiply-adds for which a proof is attempted.
    static let orderLimit = 200_000
    static let fillLimit = 20_000_000L
    static let workLimit = 2_000_000_000L

    /// Of the matrix scaled to a unit diagonal; covers the rounding of its entries and of its factorisation.
    static let shift = 1e-12

    member _.Count = entries.Count

    /// Adds to the entry (i, j) and its mirror image.
    member _.Add(i: int, j: int, value: float) : unit =
        let key = struct (max i j, min i j)

        match entries.TryGetValue key with
        | true, old -> entries[key] <- old + value
        | _ -> entries[key] <- value

    /// Whether sign·H is proved positive semidefinite, by the inertia of D⁻¹HD⁻¹ + 10⁻¹²·I with D² the diagonal of H.
    /// What is assumed: an eigenvalue of the scaled matrix above -10⁻¹² is a zero of the exact one. The scaling makes
    /// this a statement about each variable in its own units: a small negative term is not lost beside a large one.
    member _.IsSemidefinite(sign: float) : bool =
        let live = entries |> Seq.filter (fun e -> e.Value <> 0.0) |> Seq.toArray
        let indices = SortedSet<int>()

        for e in live do
            let struct (i, j) = e.Key
            indices.Add i |> ignore
            indices.Add j |> ignore

        let n = indices.Count
        let place = Dictionary<int, int>(n)

        for i in indices do
            place[i] <- place.Count

        let diagonal: float[] = Array.zeroCreate n

        for e in live do
            let struct (i, j) = e.Key

            if i = j then
                diagonal[place[i]] <- sign * e.Value

        let offDiagonal =
            live
            |> Array.choose (fun e ->
                let struct (i, j) = e.Key

                if i = j then
                    None
                else
                    let row, column = place[i], place[j]
                    Some(column, row, sign * e.Value / Math.Sqrt(diagonal[row] * diagonal[column])))

        // A row with a zero diagonal has entries beside it here, else it would not be live.
        if n > orderLimit || diagonal |> Array.exists (fun d -> not (d > 0.0 && Double.IsFinite d)) then false
        elif offDiagonal |> Array.exists (fun (_, _, v) -> not (abs v <= 1.0 + shift)) then false
        elif offDiagonal.Length = 0 then true
        else QuadraticForm.Factors(n, offDiagonal)

    static member private Factors(n: int, offDiagonal: (int * int * float)[]) : bool =
        let all =
            Array.append offDiagonal (Array.init n (fun k -> k, k, 1.0 + shift))
            |> Array.sortBy (fun (column, row, _) -> struct (column, row))

        let starts = Array.zeroCreate (n + 1)

        for column, _, _ in all do
            starts[column + 1] <- starts[column + 1] + 1

        for k in 0 .. n - 1 do
            starts[k + 1] <- starts[k + 1] + starts[k]

        let rows = all |> Array.map (fun (_, row, _) -> row)
        let values = all |> Array.map (fun (_, _, v) -> v)
        let factorization = SymmetricFactorization(n, ReadOnlySpan starts, ReadOnlySpan rows)

        if factorization.AnalyzedFactorNonzeros > fillLimit || factorization.AnalyzedFlops > workLimit then
            false
        else
            factorization.Factor(ReadOnlySpan values) |> ignore

            (factorization.Status = FactorStatus.Nonsingular || factorization.Status = FactorStatus.Singular)
            && factorization.Inertia.Negative = 0

module QuadraticForms =
    /// Whether a symmetric matrix of order n, given by the entries of a triangle, is positive definite with a margin of 10⁻⁸ of
    /// its largest diagonal entry.
    let isDefinite (n: int) (entries: (int * int * float) list) : bool =
        let form = QuadraticForm()

        let margin =
            1e-8 * (entries |> List.fold (fun largest (i, j, v) -> if i = j then max largest v else largest) 0.0)

        for i, j, v in entries do
            form.Add(i, j, v)

        for j in 0 .. n - 1 do
            form.Add(j, j, -margin)

        margin > 0.0 && form.IsSemidefinite 1.0
