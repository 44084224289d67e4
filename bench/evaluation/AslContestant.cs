using System.Runtime.InteropServices;
using Optc.Compiler;
using Optc.Runtime.Problems;

namespace Optc.Bench.Evaluation;

/// <summary>The AMPL solver library on the same model, exported as .nl (bench/peers/asl.c).</summary>
internal sealed unsafe class AslContestant : IContestant
{
    private readonly Points _points;
    private readonly NativeVector _weights;
    private readonly Outputs _outputs;
    private readonly double _sigma;
    private readonly int[] _columns;
    private readonly int[] _rows;
    private readonly int[] _jacobianPlaces;
    private readonly int[] _hessianPlaces;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly delegate* unmanaged<int, double*, long, int, long, double, double*, double*, double*, double*, double*, double*, void> _run;

    public AslContestant(string libraryPath, string nlFile, CompiledModel compiled, Points points, double sigma, NativeVector weights)
    {
        INlpProblem problem = compiled.Problem;
        _sigma = sigma;
        nint library = NativeLibrary.Load(Path.GetFullPath(libraryPath));
        var open = (delegate* unmanaged<nint, int*, double*, int>)NativeLibrary.GetExport(library, "asl_open");
        _run = (delegate* unmanaged<int, double*, long, int, long, double, double*, double*, double*, double*, double*, double*, void>)
            NativeLibrary.GetExport(library, "asl_run");
        Span<int> sizes = stackalloc int[4];
        nint name = Marshal.StringToCoTaskMemUTF8(nlFile);
        double seconds;
        int failed;
        fixed (int* at = sizes)
            failed = open(name, at, &seconds);
        Marshal.FreeCoTaskMem(name);
        if (failed != 0) throw new InvalidOperationException($"The AMPL library cannot read {nlFile}.");
        (int n, int m) = (sizes[0], sizes[1]);
        if (n != problem.VariableCount || m != problem.ConstraintCount)
        {
            throw new InvalidOperationException(
                $"{nlFile} has {n} variables and {m} constraints; optc has {problem.VariableCount} and {problem.ConstraintCount}.");
        }
        ReadSeconds = seconds;
        _outputs = new Outputs(n, m, sizes[2], sizes[3]);
        _lower = new double[m];
        _upper = new double[m];
        int[] jacobianRows = new int[sizes[2]], jacobianColumns = new int[sizes[2]], hessianRows = new int[sizes[3]], hessianColumns = new int[sizes[3]];
        var describe = (delegate* unmanaged<double*, double*, int*, int*, int*, int*, void>)NativeLibrary.GetExport(library, "asl_describe");
        fixed (double* lo = _lower, up = _upper)
        fixed (int* jr = jacobianRows, jc = jacobianColumns, hr = hessianRows, hc = hessianColumns)
            describe(lo, up, jr, jc, hr, hc);
        (_columns, _rows) = NlOrder.Read(nlFile, compiled);
        _points = new Points(points, _columns);
        _weights = new NativeVector(m);
        for (int i = 0; i < m; i++) _weights.Span[i] = weights.Span[_rows[i]];
        _jacobianPlaces = Places(problem.JacobianPattern, jacobianRows, jacobianColumns, (r, c) => (_rows[r], _columns[c]));
        _hessianPlaces = Places(problem.HessianPattern, hessianRows, hessianColumns, (r, c) =>
        {
            (int a, int b) = (_columns[r], _columns[c]);
            return (Math.Min(a, b), Math.Max(a, b));
        });
    }

    public string Name => "AMPL";

    /// <summary>Seconds to read the file and prepare the Hessian.</summary>
    public double ReadSeconds { get; }

    public void Run(Quantity quantity, long calls) => Run(quantity, _points.Pointer, Points.Count, calls);

    public void Evaluate(Quantity quantity, int point) => Run(quantity, _points.Pointer + (long)point * _points.Stride, 1, 1);

    public void CopyTo(Quantity quantity, Span<double> values)
    {
        Span<double> own = _outputs[quantity].Span;
        values.Clear();
        switch (quantity)
        {
            case Quantity.Gradient:
                for (int k = 0; k < own.Length; k++) values[_columns[k]] = own[k];
                break;
            case Quantity.Constraints:
                double[] minusSides = own.ToArray();
                Sides.Subtract(minusSides, _lower, _upper);
                for (int k = 0; k < own.Length; k++) values[_rows[k]] = minusSides[k];
                break;
            case Quantity.Jacobian:
                Scatter(own, _jacobianPlaces, values);
                break;
            case Quantity.Hessian:
                Scatter(own, _hessianPlaces, values);
                break;
            default:
                own[..values.Length].CopyTo(values);
                break;
        }
    }

    public void Dispose()
    {
        _points.Dispose();
        _weights.Dispose();
        _outputs.Dispose();
    }

    private void Run(Quantity quantity, double* points, int count, long calls) =>
        _run((int)quantity, points, _points.Stride, count, calls, _sigma, _weights.Pointer, _outputs.Objective.Pointer,
            _outputs.Gradient.Pointer, _outputs.Constraints.Pointer, _outputs.Jacobian.Pointer, _outputs.Hessian.Pointer);

    /// <summary>Where each of the library's entries stands in Optc's pattern; −1 where it has none, so the entry must be 0.</summary>
    private static int[] Places(SparsePattern pattern, int[] rows, int[] columns, Func<int, int, (int Major, int Minor)> translate)
    {
        int[] places = new int[rows.Length];
        for (int k = 0; k < places.Length; k++)
        {
            (int major, int minor) = translate(rows[k], columns[k]);
            int at = Array.BinarySearch(pattern.Indices, pattern.Starts[major], pattern.Starts[major + 1] - pattern.Starts[major], minor);
            places[k] = Math.Max(at, -1);
        }
        return places;
    }

    private static void Scatter(ReadOnlySpan<double> own, int[] places, Span<double> values)
    {
        for (int k = 0; k < own.Length; k++)
        {
            if (places[k] >= 0) values[places[k]] = own[k];
            else if (own[k] != 0.0) values.Fill(double.NaN);
        }
    }
}
