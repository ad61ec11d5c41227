//! The rehearsal, act by act.

use std::time::Duration;

use domain::{AccessToken, KeyReadiness, Rejection};

use super::RehearsalError;
use super::stage::{Judgement, Stage};
use super::tenant::DeveloperRoutes;
use super::timeline::{Timeline, spoken};

/// So many steps at most while something is waited for.
const MOST_STEPS: u32 = 2_000;
const SECOND: Duration = Duration::from_secs(1);

/// Plays all acts and writes down what was seen.
pub(super) fn play(tenant: &DeveloperRoutes, stage: &Stage) -> Result<Timeline, RehearsalError> {
    let mut timeline = Timeline::of(stage);
    let first = tenant.token(stage.lifetime_of_tokens())?;
    stage.pass(Duration::ZERO);
    let seen = stage.judge(&first);
    let text = format!("{} keys are held; its tokens {seen}", stage.held());
    timeline.write(stage, seen == Judgement::Passes, "the service starts", text);
    if seen != Judgement::Passes {
        // Everything below would only show the same trouble.
        return Ok(timeline);
    }
    let second = announced(tenant, stage, &first, &mut timeline)?;
    let third = sudden(tenant, stage, &second, &mut timeline)?;
    withdrawn(tenant, stage, [&first, &third], &mut timeline)?;
    outage(tenant, stage, &third, &mut timeline)?;
    Ok(timeline)
}

/// Auth0 has published the next key long before it signs.
fn announced(
    tenant: &DeveloperRoutes,
    stage: &Stage,
    old: &AccessToken,
    timeline: &mut Timeline,
) -> Result<AccessToken, RehearsalError> {
    tenant.rotate()?;
    let new = tenant.token(stage.lifetime_of_tokens())?;
    let before = stage.fetches();
    let (of_old, of_new) = (stage.judge(old), stage.judge(&new));
    let good = [of_old, of_new] == [Judgement::Passes; 2] && stage.fetches() == before;
    timeline.write(stage, good, "a rotation, as Auth0 announces it", old_and_new(of_old, of_new));
    Ok(new)
}

/// A key signs that nobody has heard of.
fn sudden(
    tenant: &DeveloperRoutes,
    stage: &Stage,
    old: &AccessToken,
    timeline: &mut Timeline,
) -> Result<AccessToken, RehearsalError> {
    tenant.rotate_suddenly()?;
    let new = tenant.token(stage.lifetime_of_tokens())?;
    let before = stage.fetches();
    let (of_new, of_old) = (stage.judge(&new), stage.judge(old));
    let good = [of_old, of_new] == [Judgement::Passes; 2] && stage.fetches() == before + 1;
    timeline.write(stage, good, "a sudden rotation, without a word", old_and_new(of_old, of_new));
    Ok(new)
}

/// The keys that signed before are published no more.
fn withdrawn(
    tenant: &DeveloperRoutes,
    stage: &Stage,
    [old, current]: [&AccessToken; 2],
    timeline: &mut Timeline,
) -> Result<(), RehearsalError> {
    tenant.withdraw_previous()?;
    let seen = stage.judge(old);
    // Nobody can know yet, so either is right.
    timeline.write(stage, true, "the previous keys are withdrawn", format!("their tokens {seen} for now"));
    let max_age = stage.policy().max_age;
    let (began, step) = (stage.time(), (max_age / (MOST_STEPS / 2)).max(SECOND));
    let refused = Judgement::Refused(Rejection::UnknownKey);
    let seen = pass_until(stage, step, || Some(stage.judge(old)).filter(|seen| *seen == refused));
    let (seen, took) = (seen.unwrap_or_else(|| stage.judge(old)), stage.time() - began);
    let of_current = stage.judge(current);
    let good = seen == refused && took <= max_age + step && of_current == Judgement::Passes;
    let text = format!("their tokens {seen}, today's {of_current}");
    timeline.write(stage, good, &format!("{} later", spoken(took)), text);
    Ok(())
}

/// The issuer is out of reach, and comes back.
fn outage(
    tenant: &DeveloperRoutes,
    stage: &Stage,
    token: &AccessToken,
    timeline: &mut Timeline,
) -> Result<(), RehearsalError> {
    tenant.cut_off()?;
    let seen = stage.judge(token);
    timeline.write(stage, seen == Judgement::Passes, "the issuer is out of reach", format!("tokens {seen}"));

    let policy = *stage.policy();
    let step = policy.cooldown.min(policy.max_age / 20).max(SECOND);
    pass_until(stage, step, || (stage.readiness() != KeyReadiness::Fresh).then_some(()));
    if stage.readiness() == KeyReadiness::Stale {
        let seen = stage.judge(token);
        let text = format!("tokens {seen}; every {} a new attempt", spoken(policy.cooldown));
        timeline.write(stage, seen == Judgement::Passes, "the keys are past their age", text);
        stage.pass(policy.stale_if_error.saturating_sub(stage.age()));
        let seen = stage.judge(token);
        let text = format!("tokens {seen}, with keys {} old", spoken(stage.age()));
        timeline.write(stage, seen == Judgement::Passes, "the last moment", text);
        stage.pass(SECOND);
    }
    let seen = stage.judge(token);
    let good = seen == Judgement::KeysUnavailable;
    timeline.write(stage, good, "the stale limit has passed", format!("tokens {seen}"));

    tenant.restore()?;
    let began = stage.time();
    let seen = pass_until(stage, SECOND.max(policy.cooldown / MOST_STEPS), || {
        Some(stage.judge(token)).filter(|seen| *seen == Judgement::Passes)
    });
    let seen = seen.unwrap_or_else(|| stage.judge(token));
    let took = stage.time() - began;
    let good = seen == Judgement::Passes && took <= policy.cooldown + SECOND;
    let text = format!("tokens {seen} after {}, without a restart", spoken(took));
    timeline.write(stage, good, "the issuer is back", text);
    Ok(())
}

/// Lets time pass step by step until there is an outcome, or for long enough.
fn pass_until<T>(stage: &Stage, step: Duration, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    (0..MOST_STEPS).find_map(|_| {
        stage.pass(step);
        attempt()
    })
}

fn old_and_new(old: Judgement, new: Judgement) -> String {
    if old == new { format!("old and new tokens {old}") } else { format!("old tokens {old}, new ones {new}") }
}
