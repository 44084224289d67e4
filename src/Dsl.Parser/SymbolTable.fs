namespace Optc.Parser

open System

/// Every distinct word once: a chained hash table that is asked with a span, so that a word met before costs no
/// allocation. Words are numbered in the order of their first appearance.
[<Sealed>]
type internal SymbolTable(first: string[]) =
    let mutable words: string[] = Array.zeroCreate (max 256 (2 * first.Length))
    let mutable hashes: int[] = Array.zeroCreate words.Length
    let mutable next: int[] = Array.zeroCreate words.Length
    // Heads of the chains, stored plus one so that zero means empty; length a power of two.
    let mutable heads: int[] = Array.zeroCreate 512
    let mutable count = 0

    let hash (word: ReadOnlySpan<char>) =
        let mutable h = 5381

        for i in 0 .. word.Length - 1 do
            h <- h * 33 ^^^ int word[i]

        h ^^^ (h >>> 15)

    let grow () =
        Array.Resize(&words, 2 * count)
        Array.Resize(&hashes, 2 * count)
        Array.Resize(&next, 2 * count)
        heads <- Array.zeroCreate (2 * heads.Length)

        for i in 0 .. count - 1 do
            let slot = hashes[i] &&& (heads.Length - 1)
            next[i] <- heads[slot]
            heads[slot] <- i + 1

    let indexOf (word: ReadOnlySpan<char>) =
        let h = hash word
        let mutable i = heads[h &&& (heads.Length - 1)] - 1

        while i >= 0 && not (hashes[i] = h && word.SequenceEqual(words[i].AsSpan())) do
            i <- next[i] - 1

        if i >= 0 then
            i
        else
            if count = words.Length then
                grow ()

            let slot = h &&& (heads.Length - 1)
            words[count] <- word.ToString()
            hashes[count] <- h
            next[count] <- heads[slot]
            heads[slot] <- count + 1
            count <- count + 1
            count - 1

    do
        for word in first do
            indexOf (word.AsSpan()) |> ignore

    /// The number of the word, new words being added.
    member _.IndexOf(word: ReadOnlySpan<char>) = indexOf word

    member _.Item
        with get (index: int) = words[index]

    /// The one string equal to the word.
    member _.Intern(word: ReadOnlySpan<char>) =
        // first the index: finding it may replace the array
        let index = indexOf word
        words[index]
