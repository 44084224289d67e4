namespace Optc.Compiler

open Optc.Parser

/// The values of the dummies while something is evaluated, by slot. Slots from a scope's `Depth` on are free for
/// scratch (subscripts are evaluated into them).
type Frame = Member[]

/// A dummy: where its value stands and what it runs over.
type Dummy =
    {
        Slot: int
        /// The set of a dummy that runs alone (`i in S`), with the scope in which the set expression is meant
        Set: (Expr * Scope) option
    }

/// The dummies visible at a place. Immutable.
and [<Sealed>] Scope private (dummies: Map<string, Dummy>, depth: int) =
    /// Slots in a frame; deeper nesting is an error.
    static member FrameSize = 192
    static member Root = Scope(Map.empty, 0)
    static member NewFrame() : Frame = Array.zeroCreate Scope.FrameSize
    /// The first free slot
    member _.Depth = depth
    member _.TryFind(name: string) = Map.tryFind name dummies
    member _.Names = dummies |> Map.toSeq |> Seq.map fst

    /// Takes the next slots.
    member _.Reserve(count: int, span: Span) : Scope =
        if depth + count > Scope.FrameSize then
            Errors.fail "too-deep" span $"more than {Scope.FrameSize} indices and subscripts are nested here"

        Scope(dummies, depth + count)

    member _.Bind(name: string, slot: int, set: (Expr * Scope) option) : Scope =
        Scope(dummies.Add(name, { Slot = slot; Set = set }), depth)
