namespace Optc.Compiler

open System
open System.Globalization
open System.IO
open System.Text

/// The two forms of a .nl file: the same items in the same order, as lines of text or as bytes (D. M. Gay, "Writing .nl
/// Files", 2005, section 2).
[<AbstractClass>]
type NlSink(stream: Stream) =
    let buffer: byte[] = Array.zeroCreate (1 <<< 16)
    let mutable used = 0

    member _.Flush() =
        stream.Write(buffer, 0, used)
        used <- 0

    /// Room for the next few bytes.
    member this.Room(count: int) : Span<byte> =
        if used + count > buffer.Length then
            this.Flush()

        buffer.AsSpan used

    member _.Advance(count: int) = used <- used + count

    member this.Byte(value: byte) =
        this.Room(1)[0] <- value
        used <- used + 1

    /// A line of the header, which is text in both forms.
    member this.HeaderLine(text: string) =
        this.Flush()
        stream.Write(Encoding.UTF8.GetBytes(text + "\n"))

    abstract Letter: char
    /// Of the header: 0 is text, 1 IEEE numbers, least byte first
    abstract ArithmeticKind: int
    /// The letter of a segment, or of a line in one.
    abstract Key: char -> unit
    abstract Integer: int -> unit
    abstract Real: float -> unit
    abstract EndLine: unit -> unit
    /// A number in an expression
    abstract Constant: float -> unit

    member this.Operator(opcode: int) =
        this.Key 'o'
        this.Integer opcode
        this.EndLine()

    member this.Variable(number: int) =
        this.Key 'v'
        this.Integer number
        this.EndLine()

    /// A line with a count.
    member this.Count(count: int) =
        this.Integer count
        this.EndLine()

    member this.Segment(key: char) =
        this.Key key
        this.EndLine()

    member this.Segment(key: char, a: int) =
        this.Key key
        this.Integer a
        this.EndLine()

    member this.Segment(key: char, a: int, b: int) =
        this.Key key
        this.Integer a
        this.Integer b
        this.EndLine()

    member this.Segment(key: char, a: int, b: int, c: int) =
        this.Key key
        this.Integer a
        this.Integer b
        this.Integer c
        this.EndLine()

    /// A line of a J, G, x segment or of the linear part of a common expression.
    member this.Entry(index: int, value: float) =
        this.Integer index
        this.Real value
        this.EndLine()

    /// A line of an r segment: the variable (from 1) that the row complements.
    member this.Complement(kind: int, variable: int) =
        this.Key '5'
        this.Integer kind
        this.Integer variable
        this.EndLine()

    /// A line of a b or r segment.
    member this.Bounds(lower: float, upper: float) =
        if lower = -infinity && upper = infinity then
            this.Key '3'
        elif lower = -infinity then
            this.Key '1'
            this.Real upper
        elif upper = infinity then
            this.Key '2'
            this.Real lower
        elif lower = upper then
            this.Key '4'
            this.Real lower
        else
            this.Key '0'
            this.Real lower
            this.Real upper

        this.EndLine()

/// Numbers are the shortest decimals that read back to the same double.
[<Sealed>]
type NlTextSink(stream: Stream) =
    inherit NlSink(stream)

    // What separates an item from the one before it on the line; nothing stands between a letter and its number.
    let mutable gap = false

    member private this.Separate() =
        if gap then
            this.Byte(byte ' ')

        gap <- true

    override _.Letter = 'g'
    override _.ArithmeticKind = 0

    override this.Key(key: char) =
        this.Byte(byte key)
        // `C3`, `v7`, `o2` stand without a space, the lines of bounds (`0 1 5`) with one.
        gap <- Char.IsDigit key

    override this.Integer(value: int) =
        this.Separate()
        let mutable written = 0
        value.TryFormat(this.Room 16, &written, ReadOnlySpan<char>(), CultureInfo.InvariantCulture) |> ignore
        this.Advance written

    override this.Real(value: float) =
        this.Separate()
        let mutable written = 0
        value.TryFormat(this.Room 32, &written, ReadOnlySpan<char>(), CultureInfo.InvariantCulture) |> ignore
        this.Advance written

    override this.EndLine() =
        this.Byte(byte '\n')
        gap <- false

    override this.Constant(value: float) =
        this.Key 'n'
        this.Real value
        this.EndLine()

/// Integers of four bytes, doubles of eight, letters of one; nothing between them and no line ends.
[<Sealed>]
type NlBinarySink(stream: Stream) =
    inherit NlSink(stream)

    override _.Letter = 'b'
    override _.ArithmeticKind = 1
    override this.Key(key: char) = this.Byte(byte key)

    override this.Integer(value: int) =
        Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(this.Room 4, value)
        this.Advance 4

    override this.Real(value: float) =
        Buffers.Binary.BinaryPrimitives.WriteDoubleLittleEndian(this.Room 8, value)
        this.Advance 8

    override _.EndLine() = ()

    /// Small whole numbers take two bytes instead of eight.
    override this.Constant(value: float) =
        let short = if abs value <= 32767.0 then int16 value else 0s

        if float short = value && not (value = 0.0 && Double.IsNegative value) then
            this.Key 's'
            Buffers.Binary.BinaryPrimitives.WriteInt16LittleEndian(this.Room 2, short)
            this.Advance 2
        else
            this.Key 'n'
            this.Real value
