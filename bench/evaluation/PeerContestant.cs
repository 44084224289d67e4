using System.Runtime.InteropServices;
using Optc.Runtime.Problems;

namespace Optc.Bench.Evaluation;

/// <summary>The C written by hand for this model (bench/peers/driver.c).</summary>
internal sealed unsafe class PeerContestant : IContestant
{
    private readonly INlpProblem _problem;
    private readonly double[] _constants;
    private readonly Points _points;
    private readonly NativeVector _weights;
    private readonly Outputs _outputs;
    private readonly double _sigma;
    private readonly int _n;
    private readonly nint _peer;
    private readonly delegate* unmanaged<nint, int, int, double*, long, int, long, double, double*, double*, double*, double*, double*, double*, void> _run;

    private PeerContestant(nint library, nint peer, string name, int n, INlpProblem problem, double[] constants, Points points, double sigma, NativeVector weights, Outputs outputs)
    {
        (_peer, Name, _n, _problem, _constants, _points, _sigma, _weights) = (peer, name, n, problem, constants, points, sigma, weights);
        _run = (delegate* unmanaged<nint, int, int, double*, long, int, long, double, double*, double*, double*, double*, double*, double*, void>)
            NativeLibrary.GetExport(library, "peer_run");
        _outputs = outputs;
        RequireSameLayout(library);
    }

    public string Name { get; }

    /// <summary>The peer of that name. Its constraint values are the bodies as written, which Optc's are up to constants.</summary>
    public static PeerContestant Find(string path, string name, int n, INlpProblem problem, double[] constants, Points points, double sigma, NativeVector weights, Outputs outputs)
    {
        nint library = NativeLibrary.Load(Path.GetFullPath(path));
        var find = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(library, "peer_find");
        nint text = Marshal.StringToCoTaskMemUTF8(name);
        nint peer = find(text);
        Marshal.FreeCoTaskMem(text);
        if (peer == 0) throw new ArgumentException($"There is no C peer {name}.");
        return new PeerContestant(library, peer, name, n, problem, constants, points, sigma, weights, outputs);
    }

    public void Run(Quantity quantity, long calls) => Run(quantity, _points.Pointer, Points.Count, calls);

    public void Evaluate(Quantity quantity, int point) => Run(quantity, _points.Pointer + (long)point * _points.Stride, 1, 1);

    public void CopyTo(Quantity quantity, Span<double> values)
    {
        _outputs[quantity].Span[..values.Length].CopyTo(values);
        if (quantity != Quantity.Constraints) return;
        for (int i = 0; i < values.Length; i++) values[i] -= _constants[i];
        Sides.Subtract(values, _problem.ConstraintLower, _problem.ConstraintUpper);
    }

    public void Dispose()
    {
    }

    private void Run(Quantity quantity, double* points, int count, long calls) =>
        _run(_peer, (int)quantity, _n, points, _points.Stride, count, calls, _sigma, _weights.Pointer, _outputs.Objective.Pointer,
            _outputs.Gradient.Pointer, _outputs.Constraints.Pointer, _outputs.Jacobian.Pointer, _outputs.Hessian.Pointer);

    /// <summary>The peer must write the very layout that Optc writes, before it is let near the arrays.</summary>
    private void RequireSameLayout(nint library)
    {
        SparsePattern jacobian = _problem.JacobianPattern, hessian = _problem.HessianPattern;
        Span<int> sizes = stackalloc int[4];
        var getSizes = (delegate* unmanaged<nint, int, int*, void>)NativeLibrary.GetExport(library, "peer_sizes");
        fixed (int* at = sizes)
            getSizes(_peer, _n, at);
        if (sizes[0] != _problem.VariableCount || sizes[1] != _problem.ConstraintCount || sizes[2] != jacobian.Count || sizes[3] != hessian.Count)
        {
            throw new InvalidOperationException(
                $"The C peer has {sizes[0]} variables, {sizes[1]} constraints, {sizes[2]} and {sizes[3]} entries; optc has "
                + $"{_problem.VariableCount}, {_problem.ConstraintCount}, {jacobian.Count} and {hessian.Count}.");
        }
        int[] rowStarts = new int[sizes[1] + 1], columns = new int[sizes[2]], columnStarts = new int[sizes[0] + 1], rows = new int[sizes[3]];
        var getPattern = (delegate* unmanaged<nint, int, int*, int*, int*, int*, void>)NativeLibrary.GetExport(library, "peer_pattern");
        fixed (int* a = rowStarts, b = columns, c = columnStarts, d = rows)
            getPattern(_peer, _n, a, b, c, d);
        if (!rowStarts.AsSpan().SequenceEqual(jacobian.Starts) || !columns.AsSpan().SequenceEqual(jacobian.Indices.AsSpan(0, jacobian.Count)))
            throw new InvalidOperationException("The C peer's Jacobian has another pattern than optc's.");
        if (!columnStarts.AsSpan().SequenceEqual(hessian.Starts) || !rows.AsSpan().SequenceEqual(hessian.Indices.AsSpan(0, hessian.Count)))
            throw new InvalidOperationException("The C peer's Hessian has another pattern than optc's.");
    }
}
