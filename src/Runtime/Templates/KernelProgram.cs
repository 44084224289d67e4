namespace Optc.Runtime.Templates;

/// <summary>What an instruction of a <see cref="KernelProgram"/> computes.</summary>
public enum KernelOp
{
    /// <summary><see cref="KernelInstruction.Value"/>.</summary>
    Constant,

    /// <summary>Slot A of the instance; B is the step of an affine column, −1 for a table.</summary>
    Slot,

    /// <summary>The direction's component at slot A; B as for <see cref="Slot"/>.</summary>
    Direction,

    /// <summary>Datum A of the instance, B its step, 0 or 1.</summary>
    Datum,

    /// <summary>The weight of the instance's row; B is the step of the row column, −1 for a table.</summary>
    Weight,

    /// <summary>A + B.</summary>
    Add,

    /// <summary>A − B.</summary>
    Subtract,

    /// <summary>A · B.</summary>
    Multiply,

    /// <summary>A / B.</summary>
    Divide,

    /// <summary>−A.</summary>
    Negate,

    /// <summary>A · B + C, rounded once.</summary>
    MultiplyAdd,

    /// <summary>A · B − C, rounded once.</summary>
    MultiplySubtract,

    /// <summary>C − A · B, rounded once.</summary>
    NegateMultiplyAdd,

    /// <summary>√A.</summary>
    SquareRoot,

    /// <summary>|A|.</summary>
    Absolute,

    /// <summary>The smaller of A and B; NaN if one is NaN.</summary>
    Minimum,

    /// <summary>The larger of A and B; NaN if one is NaN.</summary>
    Maximum,

    /// <summary>1 if A &lt; B, else 0.</summary>
    IsLess,

    /// <summary>1 if A ≤ B, else 0.</summary>
    IsLessOrEqual,

    /// <summary>1 if A = B, else 0.</summary>
    IsEqual,

    /// <summary>B if A ≠ 0, else C.</summary>
    Select,

    /// <summary>sin A; the cosine, where it is needed too, is the <see cref="CosineOf"/> of this instruction.</summary>
    SineCosine,

    /// <summary>The cosine that the <see cref="SineCosine"/> instruction A has computed.</summary>
    CosineOf,

    /// <summary>What instruction A gave for the instance B before; only in programs for stretches of cells.</summary>
    Shifted,

    /// <summary><see cref="KernelInstruction.Function"/> of A, or A and B, or A, B and C.</summary>
    Call,
}

/// <summary>One instruction of a program; it defines the value of its own number. Arguments are numbers of earlier ones.</summary>
public readonly struct KernelInstruction
{
    /// <summary>What it computes.</summary>
    public required KernelOp Op { get; init; }

    /// <summary>First argument.</summary>
    public int A { get; init; }

    /// <summary>Second argument.</summary>
    public int B { get; init; }

    /// <summary>Third argument.</summary>
    public int C { get; init; }

    /// <summary>For slots, directions, data and weights: of the instance so many before.</summary>
    public int Shift { get; init; }

    /// <summary>For slots, directions, data and weights: of which template's frame, 0 for its own.</summary>
    public int Part { get; init; }

    /// <summary>The constant.</summary>
    public double Value { get; init; }

    /// <summary>The function of a call.</summary>
    public KernelFunction? Function { get; init; }

    /// <summary>How many of A, B and C are numbers of instructions.</summary>
    public int ArgumentCount => Op switch
    {
        KernelOp.Constant or KernelOp.Slot or KernelOp.Direction or KernelOp.Datum or KernelOp.Weight => 0,
        KernelOp.Negate or KernelOp.SquareRoot or KernelOp.Absolute or KernelOp.SineCosine or KernelOp.CosineOf or KernelOp.Shifted => 1,
        KernelOp.MultiplyAdd or KernelOp.MultiplySubtract or KernelOp.NegateMultiplyAdd or KernelOp.Select => 3,
        KernelOp.Call => Function!.Arity,
        _ => 2,
    };

    /// <summary>Argument 0, 1 or 2.</summary>
    public int Argument(int k) => k == 0 ? A : k == 1 ? B : C;
}

/// <summary>A straight-line program for one instance: what the interpreter runs and the emitter compiles.</summary>
/// <param name="Instructions">In an order in which they can be computed.</param>
/// <param name="Results">The instruction that gives each result; none is a <see cref="KernelOp.CosineOf"/> of nothing.</param>
public sealed record KernelProgram(KernelInstruction[] Instructions, int[] Results)
{
    // Somewhat less than a first-level cache of 32 KiB.
    private const int BlockBytes = 24576;

    /// <summary>
    /// Instances of a block: as many as keep its arrays in the first-level cache. The same however the program is run, since
    /// the order of some sums depends on it.
    /// </summary>
    public int BlockSize(int instanceCount) =>
        // Besides the results, compiled code keeps about every fourth value.
        BlockSizeFor(Math.Clamp(Results.Length + (Instructions.Length / 4), 1, 96), instanceCount);

    /// <summary>The same for a given number of arrays.</summary>
    public static int BlockSizeFor(int arrays, int instanceCount) =>
        Math.Min(Math.Clamp((BlockBytes / sizeof(double) / Math.Max(1, arrays)) & ~7, 32, 512), (Math.Max(1, instanceCount) + 7) & ~7);
}
