package social.avatarai.mcp.token.chaos;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs many actors so that one of them works at a time, and chance decides which. An actor gives its turn away wherever
 * another process could come between. The same seed gives the same order.
 */
final class Turns {
  private final RandomGenerator random;
  private final List<Actor> waiting = new ArrayList<>();
  private final Semaphore turnIsBack = new Semaphore(0);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  Turns(RandomGenerator random) {
    this.random = random;
  }

  /** An actor: the work of one process for one caller. */
  static final class Actor {
    private final Turns turns;
    private final Semaphore turn = new Semaphore(0);
    private Instant killedAt = Instant.MAX;
    private boolean over;

    private Actor(Turns turns) {
      this.turns = turns;
    }

    /** At this moment the platform ends the process of the actor. */
    void killAt(Instant end) {
      killedAt = end;
    }

    /** Gives the turn away, and waits for the next one. */
    void pass() {
      turns.turnIsBack.release();
      turn.acquireUninterruptibly();
    }
  }

  /** Work that knows its actor. */
  interface Work {
    void run(Actor actor);
  }

  void begin(Work work) {
    var actor = new Actor(this);
    waiting.add(actor);
    Thread.ofVirtual().start(() -> {
      actor.turn.acquireUninterruptibly();
      try {
        work.run(actor);
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
      } finally {
        actor.over = true;
        turnIsBack.release();
      }
    });
  }

  boolean isEmpty() { return waiting.isEmpty(); }

  int size() {
    return waiting.size();
  }

  /** Gives the turn to one of the actors, and waits until it passes or ends. */
  void next() {
    if (!waiting.isEmpty()) turnOf(waiting.get(random.nextInt(waiting.size())));
  }

  /** Gives a last turn to the actors whose processes have been ended by now. */
  void end(Instant now) {
    waiting.stream().filter(actor -> !now.isBefore(actor.killedAt)).toList().forEach(this::turnOf);
  }

  private void turnOf(Actor actor) {
    actor.turn.release();
    turnIsBack.acquireUninterruptibly();
    if (actor.over) waiting.remove(actor);
    var thrown = failure.get();
    if (thrown instanceof Error error) throw error;
    if (thrown instanceof RuntimeException exception) throw exception;
    if (thrown != null) throw new IllegalStateException(thrown);
  }
}
