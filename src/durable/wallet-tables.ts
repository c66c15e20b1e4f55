import { UNDER_WAY } from './agreed-names.js'

/** A run that was ended from outside keeps nobody's place. */
export const STILL_RUNS = `EXISTS (
  SELECT FROM dbos.workflow_status WHERE workflow_uuid = place.run AND status IN ${UNDER_WAY})`

/**
 * What is spent, who is at work, and how often was planned.
 *
 * `spending` has a row for every agent and UTC day. An agent always says what all its calls came to until now, so that
 * saying it again, as after a crash, changes nothing. `held` is what its call under way will probably cost; it stays
 * where nobody ever says what came of that call.
 *
 * `hold` is one statement for its caller. It is a function because of its lock: each statement in it sees what was
 * committed until that statement began, where a single statement that had to wait would count what was before the wait.
 */
export const WALLET_TABLES = `
  CREATE TABLE IF NOT EXISTS issue_crew.spending (
    agent text NOT NULL,
    day date NOT NULL,
    repository_id bigint NOT NULL,
    installation_id bigint NOT NULL,
    spent double precision NOT NULL,
    held double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (agent, day)
  );
  CREATE INDEX IF NOT EXISTS spending_of_day ON issue_crew.spending (installation_id, day);

  CREATE TABLE IF NOT EXISTS issue_crew.place (
    run text PRIMARY KEY,
    repository_id bigint NOT NULL,
    installation_id bigint NOT NULL,
    taken boolean NOT NULL DEFAULT false,
    number bigint GENERATED ALWAYS AS IDENTITY
  );
  ALTER TABLE issue_crew.place ADD COLUMN IF NOT EXISTS asked_at timestamptz NOT NULL DEFAULT now();
  -- When the run began, as the engine has it: who waits is let in by that, and not by who happened to ask first.
  ALTER TABLE issue_crew.place ADD COLUMN IF NOT EXISTS run_began bigint NOT NULL DEFAULT 0;

  CREATE TABLE IF NOT EXISTS issue_crew.planned (
    repository_id bigint NOT NULL,
    issue_number integer NOT NULL,
    key text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (repository_id, issue_number, key)
  );

  CREATE OR REPLACE FUNCTION issue_crew.settle(
    of_agent text, of_repository bigint, of_installation bigint, spent_until_now double precision
  ) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    earlier double precision;
  BEGIN
    SELECT coalesce(sum(spent), 0) INTO earlier FROM issue_crew.spending WHERE agent = of_agent AND day < today;
    UPDATE issue_crew.spending SET held = 0 WHERE agent = of_agent AND day < today AND held > 0;
    INSERT INTO issue_crew.spending (agent, day, repository_id, installation_id, spent)
    VALUES (of_agent, today, of_repository, of_installation, greatest(spent_until_now - earlier, 0))
    ON CONFLICT (agent, day) DO UPDATE SET spent = excluded.spent, held = 0;
  END $$;

  CREATE OR REPLACE FUNCTION issue_crew.hold(
    of_agent text, of_run text, of_repository bigint, of_installation bigint,
    spent_until_now double precision, usd double precision,
    repository_usd double precision, installation_usd double precision,
    repository_runs integer, installation_runs integer,
    OUT refused text, OUT used double precision, OUT others integer,
    OUT renews_in_ms double precision, OUT renews_at timestamptz
  ) LANGUAGE plpgsql AS $$
  DECLARE
    today date;
    in_repository double precision;
    in_installation double precision;
    own record;
    before_in_repository integer;
    at_work integer;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('issue_crew.wallet', of_installation));
    today := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    renews_at := ((today + 1)::timestamp AT TIME ZONE 'UTC');
    renews_in_ms := ceil(extract(epoch FROM renews_at - clock_timestamp()) * 1000);
    PERFORM issue_crew.settle(of_agent, of_repository, of_installation, spent_until_now);

    SELECT coalesce(sum(spent + held) FILTER (WHERE repository_id = of_repository), 0), coalesce(sum(spent + held), 0)
    INTO in_repository, in_installation
    FROM issue_crew.spending WHERE installation_id = of_installation AND day = today;
    IF in_repository + usd > repository_usd THEN
      refused := 'day of repository'; used := in_repository;
      RETURN;
    ELSIF in_installation + usd > installation_usd THEN
      refused := 'day of installation'; used := in_installation;
      RETURN;
    END IF;

    SELECT * INTO own FROM issue_crew.place WHERE run = of_run;
    IF own.run IS NULL THEN
      INSERT INTO issue_crew.place (run, repository_id, installation_id, run_began)
      VALUES (of_run, of_repository, of_installation,
        coalesce((SELECT created_at FROM dbos.workflow_status WHERE workflow_uuid = of_run), 0)) RETURNING * INTO own;
    END IF;
    IF NOT own.taken THEN
      SELECT count(*) FILTER (WHERE repository_id = of_repository AND (taken OR (run_began, number) < (own.run_began, own.number))),
        count(*) FILTER (WHERE taken)
      INTO before_in_repository, at_work
      FROM issue_crew.place WHERE installation_id = of_installation AND run <> of_run AND ${STILL_RUNS};
      IF before_in_repository >= repository_runs THEN
        refused := 'place in repository'; others := before_in_repository;
        RETURN;
      ELSIF at_work >= installation_runs THEN
        refused := 'place in installation'; others := at_work;
        RETURN;
      END IF;
      UPDATE issue_crew.place SET taken = true WHERE run = of_run;
    END IF;
    UPDATE issue_crew.spending SET held = usd WHERE agent = of_agent AND day = today;
  END $$;`
