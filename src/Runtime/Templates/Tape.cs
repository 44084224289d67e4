namespace Optc.Runtime.Templates;

/// <summary>What an instruction of a <see cref="Tape"/> does.</summary>
public enum TapeCode
{
    /// <summary>A constant.</summary>
    Constant,

    /// <summary>A slot of the instance.</summary>
    Slot,

    /// <summary>A datum of the instance.</summary>
    Datum,

    /// <summary>Arguments A + B.</summary>
    Add,

    /// <summary>A − B.</summary>
    Sub,

    /// <summary>A · B.</summary>
    Mul,

    /// <summary>A / B.</summary>
    Div,

    /// <summary>−A.</summary>
    Neg,

    /// <summary>A².</summary>
    Square,

    /// <summary>A call with one argument.</summary>
    Call1,

    /// <summary>A call with two arguments.</summary>
    Call2,

    /// <summary>A call with three arguments.</summary>
    Call3,
}

/// <summary>One instruction; it writes the register of its own number.</summary>
public readonly struct TapeInstruction
{
    /// <summary>What it does.</summary>
    public TapeCode Code { get; init; }

    /// <summary>First argument: a register; or the number of a slot or datum.</summary>
    public int A { get; init; }

    /// <summary>Second argument; for slots and data the step of an affine column, −1 for a table.</summary>
    public int B { get; init; }

    /// <summary>Third argument.</summary>
    public int C { get; init; }

    /// <summary>The constant.</summary>
    public double Value { get; init; }

    /// <summary>The method of a call: a <c>Func</c> of one, two or three doubles.</summary>
    public Delegate? Method { get; init; }
}

/// <summary>
/// A straight-line program over blocks of instances, for templates that are not worth compiling yet: each instruction
/// works on a block before the next one starts, which keeps the cost of interpreting small.
/// Registers belong to the thread, so that a tape may be shared.
/// </summary>
public sealed class Tape
{
    private const int Block = 32;

    private readonly TapeInstruction[] instructions;
    private readonly int[] results;
    private readonly int rowStep;
    private readonly bool weighted;

    [ThreadStatic]
    private static double[]? scratch;

    /// <summary>
    /// A program whose registers <paramref name="results"/> are the entries. <paramref name="rowStep"/> is the step of an
    /// affine row column, −1 for a table.
    /// </summary>
    public Tape(TapeInstruction[] instructions, int[] results, int rowStep, bool weighted)
    {
        ArgumentNullException.ThrowIfNull(instructions);
        ArgumentNullException.ThrowIfNull(results);
        (this.instructions, this.results, this.rowStep, this.weighted) = (instructions, results, rowStep, weighted);
    }

    /// <summary>The value kernel: adds the only result to the row of each instance.</summary>
    public unsafe void AddToRows(KernelFrame frame, int start, int end)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var registers = Registers();
        var output = (double*)frame.Output;
        var rows = (int*)frame.RowTable;
        var value = results[0] * Block;
        // One row for all instances: the sum runs over all blocks, so that compiled code gives the same bits.
        var sum = 0.0;
        for (var first = start; first < end; first += Block)
        {
            var count = Math.Min(Block, end - first);
            Run(registers, frame, first, count);
            if (rowStep == 0)
            {
                for (var i = 0; i < count; i++)
                    sum += registers[value + i];
            }
            else
            {
                for (var i = 0; i < count; i++)
                    output[Row(frame, rows, first + i)] += registers[value + i];
            }
        }

        if (rowStep == 0)
            output[frame.RowBase] += sum;
    }

    /// <summary>The first- and second-order kernels: adds each result, weighted if so built, through the map.</summary>
    public unsafe void AddThroughMap(KernelFrame frame, int start, int end)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var registers = Registers();
        var output = (double*)frame.Output;
        var rows = (int*)frame.RowTable;
        var weights = (double*)frame.Weights;
        var weight = stackalloc double[Block];
        for (var first = start; first < end; first += Block)
        {
            var count = Math.Min(Block, end - first);
            Run(registers, frame, first, count);
            if (weighted)
            {
                for (var i = 0; i < count; i++)
                    weight[i] = weights[Row(frame, rows, first + i)];
            }

            // Instance by instance: where entries share a cell, the order of the additions is that of compiled code.
            var map = (int*)frame.Map + first;
            for (var i = 0; i < count; i++)
            {
                for (var e = 0; e < results.Length; e++)
                {
                    var value = registers[(results[e] * Block) + i];
                    output[map[((nint)e * frame.MapStride) + i]] += weighted ? weight[i] * value : value;
                }
            }
        }
    }

    private double[] Registers()
    {
        var length = instructions.Length * Block;
        if (scratch is null || scratch.Length < length)
            scratch = new double[length];
        return scratch;
    }

    private unsafe int Row(KernelFrame frame, int* rows, int instance) =>
        rowStep < 0 ? rows[instance] : frame.RowBase + (rowStep * instance);

    private unsafe void Run(double[] registers, KernelFrame frame, int first, int count)
    {
        var point = (double*)frame.Point;
        fixed (double* all = registers)
        {
            for (var k = 0; k < instructions.Length; k++)
            {
                ref readonly var step = ref instructions[k];
                var r = all + (k * Block);
                var a = all + (step.A * Block);
                var b = all + (step.B * Block);
                switch (step.Code)
                {
                    case TapeCode.Constant:
                        for (var i = 0; i < count; i++)
                            r[i] = step.Value;
                        break;
                    case TapeCode.Slot when step.B >= 0:
                        var slot = point + ((int*)frame.SlotBases)[step.A] + ((nint)step.B * first);
                        for (var i = 0; i < count; i++)
                            r[i] = slot[step.B * i];
                        break;
                    case TapeCode.Slot:
                        var table = (int*)((nint*)frame.SlotTables)[step.A] + first;
                        for (var i = 0; i < count; i++)
                            r[i] = point[table[i]];
                        break;
                    case TapeCode.Datum:
                        var datum = (double*)frame.Data + ((int*)frame.DataBases)[step.A] + ((nint)step.B * first);
                        for (var i = 0; i < count; i++)
                            r[i] = datum[step.B * i];
                        break;
                    case TapeCode.Add:
                        for (var i = 0; i < count; i++)
                            r[i] = a[i] + b[i];
                        break;
                    case TapeCode.Sub:
                        for (var i = 0; i < count; i++)
                            r[i] = a[i] - b[i];
                        break;
                    case TapeCode.Mul:
                        for (var i = 0; i < count; i++)
                            r[i] = a[i] * b[i];
                        break;
                    case TapeCode.Div:
                        for (var i = 0; i < count; i++)
                            r[i] = a[i] / b[i];
                        break;
                    case TapeCode.Neg:
                        for (var i = 0; i < count; i++)
                            r[i] = -a[i];
                        break;
                    case TapeCode.Square:
                        for (var i = 0; i < count; i++)
                            r[i] = a[i] * a[i];
                        break;
                    case TapeCode.Call1:
                        var f1 = (Func<double, double>)step.Method!;
                        for (var i = 0; i < count; i++)
                            r[i] = f1(a[i]);
                        break;
                    case TapeCode.Call2:
                        var f2 = (Func<double, double, double>)step.Method!;
                        for (var i = 0; i < count; i++)
                            r[i] = f2(a[i], b[i]);
                        break;
                    case TapeCode.Call3:
                        var f3 = (Func<double, double, double, double>)step.Method!;
                        var c = all + (step.C * Block);
                        for (var i = 0; i < count; i++)
                            r[i] = f3(a[i], b[i], c[i]);
                        break;
                    default:
                        throw new InvalidOperationException($"Unknown tape instruction {step.Code}.");
                }
            }
        }
    }
}
