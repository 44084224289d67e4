using System.Numerics;
using System.Runtime.CompilerServices;

namespace Optc.Runtime.Templates;

/// <summary>
/// Runs a <see cref="KernelProgram"/> without compiling it: each instruction works on a block of instances before the next
/// one starts, which keeps the cost of interpreting small. Registers are the arrays of the block, used again when their
/// value is no longer needed; those of results are kept.
/// </summary>
public static class Tape
{
    /// <summary>The interpreted code of a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="blockSize">Instances of a block; a multiple of 8.</param>
    public static KernelCode Create(KernelProgram program, int blockSize)
    {
        ArgumentNullException.ThrowIfNull(program);
        var registers = new RegisterAllocation(program);
        var stride = blockSize + KernelCode.History + KernelCode.Padding;
        var steps = new List<Step>(program.Instructions.Length);
        for (var k = 0; k < program.Instructions.Length; k++)
        {
            var instruction = program.Instructions[k];
            if (instruction.Op == KernelOp.CosineOf)
                continue;
            int Place(int argument) => argument < instruction.ArgumentCount ? registers.Of[instruction.Argument(argument)] * stride : instruction.Argument(argument);
            steps.Add(new Step
            {
                Op = instruction.Op,
                Target = registers.Of[k] * stride,
                Second = registers.Cosine[k] * stride,
                A = Place(0),
                B = Place(1),
                C = Place(2),
                Value = instruction.Value,
                Function = instruction.Function,
            });
        }
        var code = steps.ToArray();
        return new KernelCode
        {
            Run = (frame, start, count, block) => Run(code, frame, start, count, block),
            ResultArrays = [.. program.Results.Select(r => registers.Of[r])],
            ArrayCount = registers.Count,
            BlockSize = blockSize,
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Run(Step[] steps, KernelFrame frame, int start, int count, long block)
    {
        if (count == 1)
        {
            RunOne(steps, frame, start, (double*)block);
            return;
        }
        // Whole vectors: arrays have room behind, and what stands there is never used.
        var width = Vector<double>.Count;
        var n = (count + width - 1) & -width;
        var registers = (double*)block;
        var sineCosine = (delegate*<nint, nint, nint, int, void>)KernelFunction.SineCosinePointer;
        foreach (ref readonly var step in steps.AsSpan())
        {
            double* r = registers + step.Target, a = registers + step.A, b = registers + step.B, c = registers + step.C;
            switch (step.Op)
            {
                case KernelOp.Constant:
                    new Span<double>(r, n).Fill(step.Value);
                    break;
                case KernelOp.Slot:
                    LoadSlot((double*)frame.Point, frame, in step, start, count, r);
                    break;
                case KernelOp.Direction:
                    LoadSlot((double*)frame.Direction, frame, in step, start, count, r);
                    break;
                case KernelOp.Datum:
                    Load((double*)frame.Data + ((int*)frame.DataBases)[step.A], step.B, start, count, r);
                    break;
                case KernelOp.Weight:
                    LoadRow((double*)frame.Weights, frame, step.B, start, count, r);
                    break;
                case KernelOp.Add:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.Load(a + i) + Vector.Load(b + i), r + i);
                    break;
                case KernelOp.Subtract:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.Load(a + i) - Vector.Load(b + i), r + i);
                    break;
                case KernelOp.Multiply:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.Load(a + i) * Vector.Load(b + i), r + i);
                    break;
                case KernelOp.Divide:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.Load(a + i) / Vector.Load(b + i), r + i);
                    break;
                case KernelOp.Negate:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(-Vector.Load(a + i), r + i);
                    break;
                case KernelOp.MultiplyAdd:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.FusedMultiplyAdd(Vector.Load(a + i), Vector.Load(b + i), Vector.Load(c + i)), r + i);
                    break;
                case KernelOp.MultiplySubtract:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.FusedMultiplyAdd(Vector.Load(a + i), Vector.Load(b + i), -Vector.Load(c + i)), r + i);
                    break;
                case KernelOp.NegateMultiplyAdd:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.FusedMultiplyAdd(-Vector.Load(a + i), Vector.Load(b + i), Vector.Load(c + i)), r + i);
                    break;
                case KernelOp.SquareRoot:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.SquareRoot(Vector.Load(a + i)), r + i);
                    break;
                case KernelOp.Absolute:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.Abs(Vector.Load(a + i)), r + i);
                    break;
                case KernelOp.Minimum:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.Min(Vector.Load(a + i), Vector.Load(b + i)), r + i);
                    break;
                case KernelOp.Maximum:
                    for (var i = 0; i < n; i += width)
                        Vector.Store(Vector.Max(Vector.Load(a + i), Vector.Load(b + i)), r + i);
                    break;
                case KernelOp.IsLess:
                    for (var i = 0; i < count; i++)
                        r[i] = a[i] < b[i] ? 1 : 0;
                    break;
                case KernelOp.IsLessOrEqual:
                    for (var i = 0; i < count; i++)
                        r[i] = a[i] <= b[i] ? 1 : 0;
                    break;
                case KernelOp.IsEqual:
                    for (var i = 0; i < count; i++)
                        r[i] = a[i] == b[i] ? 1 : 0;
                    break;
                case KernelOp.Select:
                    for (var i = 0; i < count; i++)
                        r[i] = a[i] != 0 ? b[i] : c[i];
                    break;
                case KernelOp.SineCosine:
                    sineCosine((nint)a, (nint)r, (nint)(registers + step.Second), count);
                    break;
                case KernelOp.Call:
                    step.Function!.Apply((nint)a, (nint)b, (nint)c, (nint)r, count);
                    break;
                default:
                    throw new InvalidOperationException($"Unknown instruction {step.Op}.");
            }
        }
    }

    /// <summary>A single instance: the same operations on numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void RunOne(Step[] steps, KernelFrame frame, int i, double* registers)
    {
        var sineCosine = (delegate*<nint, nint, nint, int, void>)KernelFunction.SineCosinePointer;
        foreach (ref readonly var step in steps.AsSpan())
        {
            ref var r = ref registers[step.Target];
            switch (step.Op)
            {
                case KernelOp.Constant:
                    r = step.Value;
                    break;
                case KernelOp.Slot:
                    r = ((double*)frame.Point)[Slot(frame, in step, i)];
                    break;
                case KernelOp.Direction:
                    r = ((double*)frame.Direction)[Slot(frame, in step, i)];
                    break;
                case KernelOp.Datum:
                    r = ((double*)frame.Data)[((int*)frame.DataBases)[step.A] + ((long)step.B * i)];
                    break;
                case KernelOp.Weight:
                    r = ((double*)frame.Weights)[Row(frame, step.B, i)];
                    break;
                case KernelOp.SineCosine:
                    sineCosine((nint)(registers + step.A), (nint)(registers + step.Target), (nint)(registers + step.Second), 1);
                    break;
                case KernelOp.Call:
                    step.Function!.Apply((nint)(registers + step.A), (nint)(registers + step.B), (nint)(registers + step.C), (nint)(registers + step.Target), 1);
                    break;
                default:
                    r = ScalarArithmetic.Apply(step.Op, registers[step.A], registers[step.B], registers[step.C]);
                    break;
            }
        }
    }

    private static unsafe long Slot(KernelFrame frame, in Step step, int i) =>
        step.B < 0 ? ((int**)frame.SlotTables)[step.A][i] : ((int*)frame.SlotBases)[step.A] + ((long)step.B * i);

    private static unsafe long Row(KernelFrame frame, int rowStep, int i) =>
        rowStep < 0 ? ((int*)frame.RowTable)[i] : frame.RowBase + ((long)rowStep * i);

    private static unsafe void LoadSlot(double* from, KernelFrame frame, in Step step, int start, int count, double* r)
    {
        if (step.B >= 0)
            Load(from + ((int*)frame.SlotBases)[step.A], step.B, start, count, r);
        else
            Gather(from, ((int**)frame.SlotTables)[step.A] + start, count, r);
    }

    private static unsafe void LoadRow(double* from, KernelFrame frame, int rowStep, int start, int count, double* r)
    {
        if (rowStep >= 0)
            Load(from + frame.RowBase, rowStep, start, count, r);
        else
            Gather(from, (int*)frame.RowTable + start, count, r);
    }

    private static unsafe void Load(double* from, int step, int start, int count, double* r)
    {
        if (step == 1)
        {
            new ReadOnlySpan<double>(from + start, count).CopyTo(new Span<double>(r, count));
            return;
        }
        from += (nint)step * start;
        for (var i = 0; i < count; i++)
            r[i] = from[(nint)step * i];
    }

    private static unsafe void Gather(double* from, int* table, int count, double* r)
    {
        for (var i = 0; i < count; i++)
            r[i] = from[table[i]];
    }

    /// <summary>An instruction with its registers as offsets from the beginning of the block.</summary>
    private struct Step
    {
        public KernelOp Op;
        public int Target;
        public int Second;
        public int A;
        public int B;
        public int C;
        public double Value;
        public KernelFunction? Function;
    }
}
