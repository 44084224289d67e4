using System.Runtime.CompilerServices;

namespace Optc.Runtime.Templates;

/// <summary>
/// The instances of small templates one behind another, as one straight-line program on numbers, with their places in the
/// point and in the cells written into it: for models whose templates have an instance or two, where finding out what to do
/// would take longer than doing it. The operations are those of <see cref="Tape"/>, with the same bits, and so are those of the
/// machine code that takes over when interpreting has taken as long as making it.
/// </summary>
internal sealed unsafe class ScalarProgram
{
    // A longer program leaves the cache at every evaluation; what it repeats should be a loop.
    private const int LongestValue = 1000;

    // More than two instances are written out where all together are this short.
    private const int MostInstances = 16;
    private const int ShortLoop = 40;

    // Nanoseconds that making machine code takes, at first and for each step, and that interpreting a step does (docs/compile-cost.md).
    private const double FirstCompileCost = 2e6;
    private const double CompileCost = 2e4;
    private const double StepCost = 2;
    private readonly ScalarStep[] _steps;
    private readonly double[] _constants;
    private readonly long[] _data;
    private readonly KernelFunction[] _functions;
    private readonly int _registerCount;

    // Ends of chunks among the steps, and the machine code of the first ones.
    private readonly int[] _ends;
    private readonly Lock _making = new();
    private volatile ScalarCode.Chunk[] _code = [];
    private double _remaining;

    private ScalarProgram(Builder builder, bool canCompile, bool atOnce)
    {
        _steps = [.. builder.Steps];
        _constants = [.. builder.Constants.Keys];
        _data = [.. builder.Data];
        _functions = [.. builder.Functions.Keys];
        _registerCount = builder.RegisterCount;
        // Registers of values follow those of constants, whose number is known only now.
        foreach (ref var step in _steps.AsSpan())
            step = step.Shifted(_constants.Length);
        _ends = ScalarCode.ChunkEnds(builder.Ends);
        _remaining = canCompile ? FirstCompileCost + (CompileCost * _steps.Length) : double.PositiveInfinity;
        while (canCompile && atOnce && _code.Length < _ends.Length)
            CompileNext();
    }

    /// <summary>Numbers the program works on.</summary>
    public int RegisterCount => _constants.Length + _registerCount;

    /// <summary>How many chunks machine code has been made of.</summary>
    internal int CompiledChunks => _code.Length;

    /// <summary>Whether a template's instances may be written out.</summary>
    public static bool Suits(Template template, Kernel kernel) =>
        // By the value alone, so that a template's values are added in the same order whatever is computed with them.
        template.InstanceCount <= MostInstances && template.Kernels.Value.Program is { } value
        && (template.InstanceCount <= 2 ? value.Instructions.Length <= LongestValue : template.InstanceCount * value.Instructions.Length <= ShortLoop)
        && kernel.Program is { } program && Array.TrueForAll(program.Instructions, CanWrite);

    /// <summary>The program of all instances of some templates; results go to cells as their plans say.</summary>
    public static ScalarProgram Create(IEnumerable<(Template Template, Kernel Kernel, ScatterPlan Plan, ScatterPlan? Other)> parts)
    {
        var builder = new Builder();
        var (canCompile, atOnce) = (true, true);
        foreach (var (template, kernel, plan, other) in parts)
        {
            canCompile &= kernel.Compiler is not null;
            atOnce &= kernel.IsHot;
            for (var i = 0; i < template.InstanceCount; i++)
                builder.Add(template, kernel.Program!, i, plan, other);
        }
        return new ScalarProgram(builder, canCompile, atOnce);
    }

    /// <summary>Adds the results of all instances to the cells.</summary>
    /// <param name="registers">Room for <see cref="RegisterCount"/> numbers.</param>
    /// <param name="point">The extended point.</param>
    /// <param name="direction">A direction in the extended space, where kernels read one.</param>
    /// <param name="weights">Weights of objective, constraints and stage values by row.</param>
    /// <param name="cells">Where results go.</param>
    /// <param name="other">Where results of the other plan go.</param>
    public void Run(double* registers, double* point, double* direction, in RowWeights weights, double* cells, double* other)
    {
        var code = _code;
        foreach (var chunk in code)
            chunk((long)point, (long)direction, (long)weights.Objective, (long)weights.Constraints, (long)weights.Stages, (long)cells, (long)other);
        if (code.Length == _ends.Length)
            return;
        var start = code.Length == 0 ? 0 : _ends[code.Length - 1];
        Interpret(_steps.AsSpan(start), registers, point, direction, weights, cells, other);
        _remaining -= StepCost * (_steps.Length - start);
        if (_remaining <= 0)
            CompileNext();
    }

    /// <summary>
    /// Makes machine code of one more chunk. That begins when interpreting has taken as long as making all of it will, so that nobody
    /// waits much more than twice as long as with the better choice, and no single evaluation waits for all.
    /// </summary>
    private void CompileNext()
    {
        lock (_making)
        {
            var next = _code.Length;
            if (next == _ends.Length)
                return;
            var start = next == 0 ? 0 : _ends[next - 1];
            var chunk = ScalarCode.Compile(_steps.AsSpan(start, _ends[next] - start), _constants, _data, _functions);
            _code = [.. _code, chunk];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Interpret(ReadOnlySpan<ScalarStep> steps, double* registers, double* point, double* direction, in RowWeights weights, double* cells, double* other)
    {
        _constants.CopyTo(new Span<double>(registers, _constants.Length));
        var sineCosine = (delegate*<nint, nint, nint, int, void>)KernelFunction.SineCosinePointer;
        fixed (ScalarStep* first = steps)
        {
            var end = first + steps.Length;
            for (var s = first; s < end; s++)
            {
                var r = registers + s->Target;
                switch (s->Op)
                {
                    case ScalarOp.Slot:
                        *r = point[s->A];
                        break;
                    case ScalarOp.Direction:
                        *r = direction[s->A];
                        break;
                    case ScalarOp.Datum:
                        *r = ((double*)_data[s->A])[s->B];
                        break;
                    case ScalarOp.ObjectiveWeight:
                        *r = weights.Objective[s->A];
                        break;
                    case ScalarOp.ConstraintWeight:
                        *r = weights.Constraints[s->A];
                        break;
                    case ScalarOp.StageWeight:
                        *r = weights.Stages[s->A];
                        break;
                    case ScalarOp.Store:
                        cells[s->A] += registers[s->B];
                        break;
                    case ScalarOp.StoreOther:
                        other[s->A] += registers[s->B];
                        break;
                    case ScalarOp.Operator:
                        *r = ScalarArithmetic.Apply(s->Operator, registers[s->A], registers[s->B], registers[s->C]);
                        break;
                    case ScalarOp.SineCosine:
                        sineCosine((nint)(registers + s->A), (nint)r, (nint)(registers + s->B), 1);
                        break;
                    case ScalarOp.Call1:
                        *r = ((delegate*<double, double>)_functions[s->C].ScalarPointer)(registers[s->A]);
                        break;
                    case ScalarOp.Call2:
                        *r = ((delegate*<double, double, double>)_functions[s->C].ScalarPointer)(registers[s->A], registers[s->B]);
                        break;
                }
            }
        }
    }

    private static bool CanWrite(KernelInstruction instruction) => instruction.Op switch
    {
        KernelOp.Shifted => false,
        KernelOp.Call => instruction.Function!.Arity <= 2,
        _ => true,
    };

    /// <summary>Weights by row, for each target.</summary>
    public readonly struct RowWeights(double* objective, double* constraints, double* stages)
    {
        public double* Objective { get; } = objective;

        public double* Constraints { get; } = constraints;

        public double* Stages { get; } = stages;

        public double* Of(TemplateTarget target) => target switch
        {
            TemplateTarget.Objective => Objective,
            TemplateTarget.Constraint => Constraints,
            _ => Stages,
        };
    }

    private sealed class Builder
    {
        public List<ScalarStep> Steps { get; } = [];

        public Dictionary<double, int> Constants { get; } = new(BitsComparer.Instance);

        public List<long> Data { get; } = [];

        public Dictionary<KernelFunction, int> Functions { get; } = [];

        /// <summary>Where instances end among the steps; between them no register is read.</summary>
        public List<int> Ends { get; } = [];

        public int RegisterCount { get; private set; }

        public void Add(Template template, KernelProgram program, int instance, ScatterPlan plan, ScatterPlan? other)
        {
            var allocation = new RegisterAllocation(program);
            RegisterCount = Math.Max(RegisterCount, allocation.Count);
            var registers = new int[program.Instructions.Length];
            Data.Add(Pinned.Address(template.Data));
            for (var k = 0; k < registers.Length; k++)
            {
                var x = program.Instructions[k];
                registers[k] = ~allocation.Of[k];
                switch (x.Op)
                {
                    case KernelOp.Constant:
                        registers[k] = Index(Constants, x.Value);
                        break;
                    case KernelOp.CosineOf:
                        break;
                    case KernelOp.Slot:
                        Emit(ScalarOp.Slot, registers[k], template.Slots[x.A][instance]);
                        break;
                    case KernelOp.Direction:
                        Emit(ScalarOp.Direction, registers[k], template.Slots[x.A][instance]);
                        break;
                    case KernelOp.Datum:
                        Emit(ScalarOp.Datum, registers[k], Data.Count - 1, template.DataColumns[x.A][instance]);
                        break;
                    case KernelOp.Weight:
                        Emit(
                            template.Target switch
                            {
                                TemplateTarget.Objective => ScalarOp.ObjectiveWeight,
                                TemplateTarget.Constraint => ScalarOp.ConstraintWeight,
                                _ => ScalarOp.StageWeight,
                            },
                            registers[k],
                            template.Row[instance]);
                        break;
                    case KernelOp.SineCosine:
                        Emit(ScalarOp.SineCosine, registers[k], registers[x.A], ~allocation.Cosine[k]);
                        break;
                    case KernelOp.Call:
                        var isBinary = x.Function!.Arity == 2;
                        Emit(isBinary ? ScalarOp.Call2 : ScalarOp.Call1, registers[k], registers[x.A], isBinary ? registers[x.B] : 0, Index(Functions, x.Function));
                        break;
                    default:
                        int Argument(int a) => a < x.ArgumentCount ? registers[x.Argument(a)] : 0;
                        Steps.Add(new ScalarStep { Op = ScalarOp.Operator, Operator = x.Op, Target = registers[k], A = Argument(0), B = Argument(1), C = Argument(2) });
                        break;
                }
            }
            for (var e = 0; e < program.Results.Length; e++)
            {
                if (e < plan.EntryCount)
                    Emit(ScalarOp.Store, 0, plan.Cell(e, instance), registers[program.Results[e]]);
                else
                    Emit(ScalarOp.StoreOther, 0, other!.Cell(e - plan.EntryCount, instance), registers[program.Results[e]]);
            }
            Ends.Add(Steps.Count);
        }

        private void Emit(ScalarOp op, int target, int a, int b = 0, int c = 0) =>
            Steps.Add(new ScalarStep { Op = op, Target = target, A = a, B = b, C = c });

        private static int Index<T>(Dictionary<T, int> table, T key)
            where T : notnull
        {
            if (!table.TryGetValue(key, out var index))
                table[key] = index = table.Count;
            return index;
        }
    }

    /// <summary>Numbers with the same bits, so that 0 and −0 differ and every NaN is itself.</summary>
    private sealed class BitsComparer : IEqualityComparer<double>
    {
        public static readonly BitsComparer Instance = new();

        public bool Equals(double x, double y) => BitConverter.DoubleToInt64Bits(x) == BitConverter.DoubleToInt64Bits(y);

        public int GetHashCode(double x) => BitConverter.DoubleToInt64Bits(x).GetHashCode();
    }
}
