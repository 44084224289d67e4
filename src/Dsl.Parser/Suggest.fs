namespace Optc.Parser

open System

/// The nearest name to one that was not found, for hints.
module Suggest =

    /// Number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other
    /// (optimal string alignment).
    let distance (a: string) (b: string) =
        let width = b.Length + 1
        let mutable beforeLast = Array.zeroCreate<int> width
        let mutable last = Array.init width id
        let mutable row = Array.zeroCreate<int> width

        for i in 1 .. a.Length do
            row[0] <- i

            for j in 1 .. b.Length do
                let cost = if a[i - 1] = b[j - 1] then 0 else 1
                let mutable best = min (min (row[j - 1] + 1) (last[j] + 1)) (last[j - 1] + cost)

                if i > 1 && j > 1 && a[i - 1] = b[j - 2] && a[i - 2] = b[j - 1] then
                    best <- min best (beforeLast[j - 2] + 1)

                row[j] <- best

            let free = beforeLast
            beforeLast <- last
            last <- row
            row <- free

        last[b.Length]

    /// The candidate that is nearest to the name and near enough to be what was meant: the same but for the case
    /// of letters, or at most one change in three letters (two for names of up to six).
    let nearest (candidates: string seq) (name: string) : string option =
        let mutable best = null
        let mutable bestDistance = Int32.MaxValue

        let allowed =
            if name.Length <= 2 then 0
            elif name.Length <= 4 then 1
            elif name.Length <= 6 then 2
            else name.Length / 3

        for candidate in candidates do
            if String.Equals(candidate, name, StringComparison.OrdinalIgnoreCase) then
                if bestDistance > 0 then
                    best <- candidate
                    bestDistance <- 0
            elif abs (candidate.Length - name.Length) <= min allowed (bestDistance - 1) then
                let d = distance name candidate

                if d <= allowed && d < bestDistance then
                    best <- candidate
                    bestDistance <- d

        Option.ofObj best
