using System.Diagnostics;
using Optc.Runtime.Native;
using Optc.Runtime.Solvers.BlockCoordinate;
using Optc.Runtime.Solvers.Consensus;

namespace Optc.Runtime.Solvers.Asynchronous;

/// <summary>One block: what it has read, and its step d = prox(x − s/h) − x with s the slopes at what it has read.</summary>
internal sealed class Worker(SharedFunction function, BlockPenalty penalty, int[] atoms, int[] coordinates, double[] diagonal, double anchor, double step)
{
    private readonly double[] _point = new double[diagonal.Length];
    private readonly double[] _state = new double[function.StateCount];
    private readonly double[] _scratch = new double[function.StateCount];
    private readonly double[] _lookScratch = new double[function.StateCount];
    private readonly double[] _lookSlopes = new double[coordinates.Length];
    private readonly double[] _centre = new double[coordinates.Length];
    private readonly double[] _slopes = new double[coordinates.Length];
    private int _readAt, _largestDelay;
    private long _delaySum, _began;
    private double _seconds;
    private bool _isFresh;

    /// <summary>The coordinates of the block.</summary>
    public ReadOnlySpan<int> Coordinates => coordinates;

    /// <summary>d, by place.</summary>
    public double[] Direction { get; } = new double[coordinates.Length];

    /// <summary>What d adds to the state.</summary>
    public double[] Change { get; } = new double[function.StateCount];

    /// <summary>Answers so far.</summary>
    public int Answers { get; private set; }

    /// <summary>Whether there was an answer to something read after the last look at the whole point.</summary>
    public bool HasAnsweredFresh { get; private set; }

    /// <summary>Reads the point, the state and the anchor.</summary>
    public void Read(double[] point, double[] state, double[] centre, int update)
    {
        point.CopyTo(_point, 0);
        state.CopyTo(_state, 0);
        for (int k = 0; k < coordinates.Length; k++) _centre[k] = centre[coordinates[k]];
        _readAt = update;
        _isFresh = true;
    }

    /// <summary>Computes the step. May run on any thread.</summary>
    public void Solve()
    {
        _began = Stopwatch.GetTimestamp();
        function.Slopes(coordinates, _point, _state, _scratch, _slopes);
        for (int k = 0; k < coordinates.Length; k++)
        {
            int j = coordinates[k];
            _slopes[k] += penalty.Slope(j, _point[j]) + (anchor * diagonal[j] * (_point[j] - _centre[k]));
        }
        int place = 0;
        foreach (int atom in atoms)
        {
            int length = penalty.Members(atom).Length;
            penalty.ProximalStep(atom, _point, _slopes.AsSpan(place, length), diagonal[coordinates[place]] / step, Direction.AsSpan(place, length));
            place += length;
        }
        function.Change(coordinates, Direction, Change);
        _seconds += Stopwatch.GetElapsedTime(_began).TotalSeconds;
    }

    /// <summary>∇f of the block at a given point into its places of a gradient (n). May run beside <see cref="Solve"/>, on any thread.</summary>
    public void Look(double[] point, double[] state, double[] gradient)
    {
        function.Slopes(coordinates, point, state, _lookScratch, _lookSlopes);
        for (int k = 0; k < coordinates.Length; k++) gradient[coordinates[k]] = _lookSlopes[k];
    }

    /// <summary>Puts the step into the point and its change into the state. Returns the delay in updates of others.</summary>
    public int Apply(double[] point, double[] state, int update)
    {
        for (int k = 0; k < coordinates.Length; k++) point[coordinates[k]] = penalty.Clamp(coordinates[k], _point[coordinates[k]] + Direction[k]);
        VectorKernels.AddScaled(1.0, Change, state);
        Answers++;
        HasAnsweredFresh |= _isFresh;
        int delay = update - _readAt;
        _delaySum += delay;
        _largestDelay = Math.Max(_largestDelay, delay);
        return delay;
    }

    /// <summary>There is a new look: what is under way was read before it.</summary>
    public void Forget() => HasAnsweredFresh = _isFresh = false;

    public BlockReport Report(int number) => new(
        $"coordinates[{number}]", "proximal gradient step", coordinates.Length, 0, diagonal.Length - coordinates.Length, Answers, Answers, _seconds,
        Answers == 0 ? 0.0 : (double)_delaySum / Answers, _largestDelay);
}
