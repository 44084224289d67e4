namespace Optc.Compiler

open System
open System.Globalization
open System.Runtime.CompilerServices

/// One component of a member of an index set: a number or a symbol. Numbers are rounded to 15 significant digits on
/// creation and symbols are interned, so that equality is one comparison. `'3'` is not 3.
[<Struct; CustomEquality; NoComparison>]
type Member =
    {
        /// Meaningless when `Symbol` is set
        Number: float
        /// null for numbers
        Symbol: string | null
    }

    /// The number agreeing with x to 15 significant digits that stands for all of them.
    static member Canonical(x: float) : float =
        if x = Math.Floor x && Math.Abs x < 1e15 then
            x + 0.0 // turns -0 into 0
        elif Double.IsFinite x then
            Double.Parse(x.ToString("E14", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        else
            x

    static member OfNumber(x: float) : Member =
        { Number = Member.Canonical x
          Symbol = null }

    static member OfSymbol(symbol: string) : Member =
        { Number = 0.0
          Symbol = String.Intern symbol }

    member m.IsNumber = obj.ReferenceEquals(m.Symbol, null)

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Same(a: inref<Member>, b: inref<Member>) : bool =
        obj.ReferenceEquals(a.Symbol, b.Symbol) && a.Number = b.Number

    [<MethodImpl(MethodImplOptions.AggressiveInlining)>]
    static member Hash(m: inref<Member>) : uint64 =
        // Fibonacci hashing: the golden ratio of 2^64 spreads consecutive integers.
        let bits =
            match m.Symbol with
            | null -> uint64 (BitConverter.DoubleToInt64Bits m.Number)
            | symbol -> uint64 (RuntimeHelpers.GetHashCode symbol) ||| 0x7ff8000000000000UL

        let h = bits * 0x9E3779B97F4A7C15UL
        h ^^^ (h >>> 29)

    override m.Equals(other: obj) =
        match other with
        | :? Member as o -> Member.Same(&m, &o)
        | _ -> false

    override m.GetHashCode() = int (Member.Hash &m)

    /// As in `x[1,gold]`: symbols without quotes, numbers with up to 15 digits.
    override m.ToString() =
        match m.Symbol with
        | null -> m.Number.ToString("G15", CultureInfo.InvariantCulture)
        | symbol -> symbol

    /// As a model would write it: symbols in quotes.
    member m.Quoted =
        match m.Symbol with
        | null -> m.ToString()
        | symbol -> "'" + symbol.Replace("'", "''") + "'"

    interface IEquatable<Member> with
        member m.Equals o = Member.Same(&m, &o)

module Members =
    /// `1,gold`: components [offset, offset + count) joined by commas.
    let join (members: Member[]) offset count (text: Member -> string) =
        String.Join(",", Seq.init count (fun k -> text members[offset + k]))

    /// `mu['oil']` for messages, `mu` without subscripts.
    let quotedName (name: string) (members: Member[]) offset count =
        if count = 0 then
            name
        else
            $"{name}[{join members offset count _.Quoted}]"

    /// `mu[oil]` for results, `mu` without subscripts.
    let plainName (name: string) (members: Member[]) offset count =
        if count = 0 then
            name
        else
            $"{name}[{join members offset count string}]"
