using System.Diagnostics;
using System.Globalization;
using Optc.Runtime.Solvers;

namespace Optc.Cli.Rendering;

/// <summary>
/// A line per outer iteration on standard error. On a terminal the line of the present one is rewritten as its inner
/// iterations go by; redirected, lines are at least a second apart, so that short solves write nothing.
/// </summary>
internal sealed class ProgressReporter(TextWriter writer, bool isLive)
{
    private static readonly TimeSpan Apart = TimeSpan.FromSeconds(1.0);
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(0.1);
    private const string Header = "  outer  inner        objective  infeasibility   stationarity    penalty   seconds";

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last;
    private int _outer = -1;
    private bool _hasHeader;
    private bool _isOpen;

    /// <summary>Takes note of an iteration.</summary>
    public void Report(IterationRecord record)
    {
        bool isNew = record.Outer != _outer;
        TimeSpan now = _clock.Elapsed;
        if (isLive ? !isNew && now - _last < Refresh : !isNew || now - _last < Apart) return;
        _last = now;
        if (!_hasHeader) writer.WriteLine(Header);
        _hasHeader = true;
        if (isLive && isNew && _isOpen) writer.WriteLine();
        _outer = record.Outer;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{record.Outer,7}{record.Inner,7}{record.Objective,17:G9}{record.Infeasibility,15:0.00e+00}{record.Stationarity,15:0.00e+00}{record.Penalty,11:0.0e+00}{record.Seconds,10:F2}");
        if (isLive) writer.Write("\r" + line);
        else writer.WriteLine(line);
        _isOpen = isLive;
    }

    /// <summary>Ends the line that is open.</summary>
    public void End()
    {
        if (_isOpen) writer.WriteLine();
        _isOpen = false;
    }
}
