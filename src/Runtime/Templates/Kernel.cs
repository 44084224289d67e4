namespace Optc.Runtime.Templates;

/// <summary>
/// One function of a template's instances. It is interpreted at first, and compiled when interpreting it has taken about as
/// long as compiling will. All code of a kernel gives the same bits, so that it does not matter when that happens. Clones of
/// a problem share it, on any threads.
/// </summary>
public sealed class Kernel
{
    // What compiling costs, in the units of `Spend`: nanoseconds of interpretation (docs/compile-cost.md).
    private const double CompileCost = 5e6;
    private readonly Func<KernelCode> _interpret;
    private readonly Lazy<KernelProgram>? _program;
    private readonly KernelCompiler? _compiler;
    private readonly Lock _making = new();
    private KernelCode? _interpreted;
    private KernelCode? _compiled;
    private Pulled[] _pulled = [];
    private double _costPerBlock;
    private double _costPerInstance;
    private double _remaining;

    /// <summary>A kernel that runs a program.</summary>
    /// <param name="resultCount">Number of results.</param>
    /// <param name="program">Makes the program.</param>
    /// <param name="instanceCount">Instances of the template.</param>
    /// <param name="compiler">Makes the fast code; null if there is none.</param>
    /// <param name="atOnce">Whether the fast code is used from the first call on.</param>
    public Kernel(int resultCount, Func<KernelProgram> program, int instanceCount, KernelCompiler? compiler, bool atOnce)
    {
        ArgumentNullException.ThrowIfNull(program);
        ResultCount = resultCount;
        _program = new Lazy<KernelProgram>(program);
        _interpret = () => Tape.Create(_program.Value, _program.Value.BlockSize(instanceCount));
        _compiler = compiler;
        _remaining = compiler is null ? double.PositiveInfinity : atOnce ? 0 : CompileCost;
    }

    /// <summary>A kernel with code of its own.</summary>
    /// <param name="resultCount">Number of results.</param>
    /// <param name="interpret">Makes the code that is ready at once.</param>
    /// <param name="compiler">Makes the fast code; null if there is none.</param>
    /// <param name="atOnce">Whether the fast code is used from the first call on.</param>
    public Kernel(int resultCount, Func<KernelCode> interpret, KernelCompiler? compiler = null, bool atOnce = false)
    {
        ArgumentNullException.ThrowIfNull(interpret);
        ResultCount = resultCount;
        _interpret = interpret;
        _compiler = compiler;
        _remaining = compiler is null ? double.PositiveInfinity : atOnce ? 0 : CompileCost;
    }

    /// <summary>Number of results of an instance.</summary>
    public int ResultCount { get; }

    /// <summary>The program; null for a kernel with code of its own.</summary>
    internal KernelProgram? Program => _program?.Value;

    /// <summary>The code to run now, for any instances.</summary>
    public KernelCode Code => IsHot ? Compiled : Interpreted;

    /// <summary>Makes the fast code; null if there is none.</summary>
    internal KernelCompiler? Compiler => _compiler;

    /// <summary>Whether it is worth compiling.</summary>
    internal bool IsHot => _remaining <= 0;

    internal KernelCode Interpreted
    {
        get
        {
            if (_interpreted is { } known)
                return known;
            lock (_making)
            {
                var code = _interpreted ?? _interpret();
                // Measured on tapes: some nanoseconds to dispatch an instruction, a third of one for each element.
                _costPerBlock = 2.5 * code.ArrayCount;
                _costPerInstance = 0.35 * code.ArrayCount;
                return _interpreted = code;
            }
        }
    }

    private KernelCode Compiled
    {
        get
        {
            if (_compiled is { } known)
                return known;
            lock (_making)
                return _compiled ??= _compiler!.Compile();
        }
    }

    /// <summary>Says that so many instances have been interpreted.</summary>
    internal void Spend(int instances) => _remaining -= _costPerBlock + (_costPerInstance * instances);

    /// <summary>The code for stretches of cells of a plan, or of two; only for a kernel that <see cref="IsHot"/>.</summary>
    internal PulledJob[] Jobs(ScatterPlan plan, ScatterPlan? other)
    {
        foreach (var known in _pulled)
        {
            if (ReferenceEquals(known.Plan, plan) && ReferenceEquals(known.Other, other))
                return known.Jobs;
        }
        lock (_making)
        {
            var jobs = PulledJob.Find(plan, other, _compiler!);
            _pulled = [.. _pulled, new Pulled(plan, other, jobs)];
            return jobs;
        }
    }

    private sealed record Pulled(ScatterPlan Plan, ScatterPlan? Other, PulledJob[] Jobs);
}

/// <summary>Makes a kernel's fast code.</summary>
public abstract class KernelCompiler
{
    /// <summary>Code for any instances.</summary>
    public abstract KernelCode Compile();

    /// <summary>Code for stretches of cells; it writes to the frame's outputs.</summary>
    /// <param name="request">What goes where.</param>
    /// <param name="companions">Compilers of the kernels whose results are summed with this one's, in the order of the parts.</param>
    public abstract KernelCode Pull(PullRequest request, IReadOnlyList<KernelCompiler> companions);
}
