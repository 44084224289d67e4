namespace Optc.Runtime.Solvers.Projections;

/// <summary>
/// A feasibility problem as a graph: values, and operations that restrict them. Every operand of an operation is a copy of a value; the copies of a value agree within
/// its bounds. Points are judged with integer values rounded; that copies be whole numbers is for an operation to say.
/// </summary>
public sealed class FeasibilityGraph
{
    private readonly List<double> _start = [];
    private readonly List<double> _lower = [];
    private readonly List<double> _upper = [];
    private readonly List<bool> _isInteger = [];
    private readonly List<IProjection> _operations = [];
    private readonly List<int> _first = [0];
    private readonly List<int> _operands = [];

    /// <summary>Number of values.</summary>
    public int ValueCount => _start.Count;

    /// <summary>Number of copies, all operations together.</summary>
    public int CopyCount => _operands.Count;

    /// <summary>The operations.</summary>
    public IReadOnlyList<IProjection> Operations => _operations;

    /// <summary>Adds a value; its number, from 0.</summary>
    public int AddValue(double start, double lower = double.NegativeInfinity, double upper = double.PositiveInfinity, bool isInteger = false)
    {
        if (isInteger) (lower, upper) = (Math.Ceiling(lower), Math.Floor(upper));
        if (!(lower <= upper)) throw new ArgumentException(isInteger ? "No whole number is within its bounds." : "The bounds cross.");
        _start.Add(double.IsFinite(start) ? start : 0.0);
        _lower.Add(lower);
        _upper.Add(upper);
        _isInteger.Add(isInteger);
        return _start.Count - 1;
    }

    /// <summary>Adds an operation on values, in the order of its operands; a value may stand more than once.</summary>
    public void AddOperation(IProjection operation, IReadOnlyList<int> operands)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(operands);
        if (operands.Count != operation.Arity) throw new ArgumentException($"{operation.Name} takes {operation.Arity} operands, not {operands.Count}.", nameof(operands));
        foreach (int value in operands) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)value, (uint)ValueCount, nameof(operands));
        _operations.Add(operation);
        _operands.AddRange(operands);
        _first.Add(_operands.Count);
    }

    /// <summary>How many there are of each kind of operation, the most frequent first.</summary>
    public string Describe() =>
        string.Join(", ", _operations.GroupBy(o => o.Name).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"));

    internal int[] First => [.. _first];

    internal int[] ValueOfCopy => [.. _operands];

    internal double[] Start => [.. _start];

    /// <summary>The nearest number within a value's bounds.</summary>
    internal double Allowed(int value, double x) => Math.Clamp(x, _lower[value], _upper[value]);

    /// <summary>Random values: uniform between two bounds, else about the start.</summary>
    internal void Scatter(double[] values, Random random)
    {
        for (int v = 0; v < values.Length; v++)
        {
            double t = random.NextDouble(), width = _upper[v] - _lower[v];
            values[v] = double.IsFinite(width) ? _lower[v] + (t * width) : Allowed(v, _start[v] + (((2.0 * t) - 1.0) * Math.Max(1.0, Math.Abs(_start[v]))));
        }
    }

    /// <summary>The number that a value is judged with.</summary>
    internal double Judged(int value, double x) => _isInteger[value] ? Math.Clamp(Math.Round(x), _lower[value], _upper[value]) : x;
}
